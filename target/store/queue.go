package store

// chunkLength is how many records a queue takes memory for at once: 32 KiB.
const chunkLength = 1024

// queue holds what was saved, oldest first. It takes the 32 bytes of a record
// and, all told, two chunks more; it is never copied to grow. The zero queue is
// empty.
type queue struct {
	chunks [][]saved
	head   int // of the oldest record, in the first chunk
	len    int
	size   int64   // of all records' files
	spare  []saved // an empty chunk, so that a queue of steady length allocates nothing
}

// push adds the newest record.
func (q *queue) push(s saved) {
	last := len(q.chunks) - 1
	if last < 0 || len(q.chunks[last]) == chunkLength {
		chunk := q.spare
		if q.spare = nil; chunk == nil {
			chunk = make([]saved, 0, chunkLength)
		}
		q.chunks = append(q.chunks, chunk)
		last++
	}
	q.chunks[last] = append(q.chunks[last], s)
	q.len++
	q.size += s.size
}

// oldest returns the oldest record. The queue must not be empty.
func (q *queue) oldest() saved { return q.chunks[0][q.head] }

// newest returns the record that was pushed last. The queue must not be empty.
func (q *queue) newest() saved {
	last := q.chunks[len(q.chunks)-1]
	return last[len(last)-1]
}

// pop removes the oldest record. The queue must not be empty.
func (q *queue) pop() {
	q.size -= q.oldest().size
	q.head++
	q.len--
	if q.head == chunkLength {
		q.spare = q.chunks[0][:0]
		q.chunks[0] = nil
		q.chunks = q.chunks[1:]
		q.head = 0
	}
}
