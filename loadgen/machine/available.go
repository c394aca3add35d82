package machine

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/shirou/gopsutil/v4/mem"
)

// MemoryAvailable returns how many bytes of memory this process may still use
// without anybody being paged out or killed: what the system says is available,
// or less in a container. Memory that files are cached in is available. It takes
// at most about 150 ms, some ms on Linux; ok is false when the system doesn't
// tell. Source: MemAvailable of proc_meminfo(5).
func MemoryAvailable(ctx context.Context) (bytes uint64, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0, false
	}
	bytes = m.Available
	if left, limited := containerLeaves(); limited {
		bytes = min(bytes, left)
	}
	return bytes, true
}

// memoryLeft returns how many bytes the group in dir may still use; ok is false
// when it is not limited or doesn't tell. What it uses holds the files that it
// has read as well, of which those that are not in use would be given up first:
// inactive_file of memory.stat, in version 1 total_inactive_file.
func memoryLeft(dir string) (bytes uint64, ok bool) {
	limit, limited := memoryLimit(dir)
	if !limited {
		return 0, false
	}
	current, cached := readFields(dir, "memory.current"), "inactive_file"
	if current == nil {
		current, cached = readFields(dir, "memory.usage_in_bytes"), "total_inactive_file"
	}
	if len(current) != 1 {
		return 0, false
	}
	used, err := strconv.ParseUint(current[0], 10, 64)
	if err != nil {
		return 0, false
	}
	used -= min(used, memoryStat(dir, cached))
	return limit - min(limit, used), true
}

// memoryStat returns a figure in the memory.stat of the group in dir, 0 when it
// isn't there.
func memoryStat(dir, name string) uint64 {
	b, _ := os.ReadFile(filepath.Join(dir, "memory.stat"))
	for line := range bytes.Lines(b) {
		if key, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" ")); string(key) == name {
			n, _ := strconv.ParseUint(string(value), 10, 64)
			return n
		}
	}
	return 0
}
