//go:build !unix

package readahead

type system struct{}

// prepare has nothing to make here.
func (c *Conn) prepare() error { return nil }

// readAhead reads up to Size bytes. Here a connection holds the memory while
// it waits.
func (c *Conn) readAhead() error {
	b := c.pool.get()
	n, err := c.TCPConn.Read(b[:])
	if n == 0 {
		c.pool.put(b)
		return err
	}
	c.held, c.unread = b, b[:n]
	return nil
}
