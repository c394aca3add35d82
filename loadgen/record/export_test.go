package record

// ReadAtMost is Read with a limit of its own.
var ReadAtMost = read
