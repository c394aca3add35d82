package store

// runChild does in dir what a child process is for, and returns its exit status.
func runChild(task, dir string) int {
	if task == "full" {
		return fillDisk(dir)
	}
	return saveUntilKilled(dir)
}
