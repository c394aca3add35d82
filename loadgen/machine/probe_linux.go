package machine

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// probe holds open what a snapshot reads.
type probe struct {
	stat            *os.File // nil when not readable
	head            []byte   // as much of stat as holds all its cpu lines
	groups          []*os.File
	group           []byte
	interruptsApart bool
}

// openProbe opens /proc/stat and the cpu.stat of the control groups that limit
// this process now. A limit that is set later goes unseen.
func openProbe() probe {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return probe{}
	}
	p := probe{stat: f, head: make([]byte, 4<<10), interruptsApart: interruptsApart()}
	for {
		_, err := p.readStat()
		if !errors.Is(err, errCut) || len(p.head) > 16<<20 {
			break
		}
		p.head = make([]byte, 2*len(p.head))
	}
	self, _ := os.ReadFile("/proc/self/cgroup")
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	p.groups = openThrottled(cgroupDirs(string(self), string(mounts), "cpu"))
	p.group = make([]byte, 4<<10)
	return p
}

// openThrottled opens the cpu.stat of those dirs that have a CPU limit.
func openThrottled(dirs []string) []*os.File {
	var files []*os.File
	for _, dir := range dirs {
		if _, limited := cpuLimit(dir); !limited {
			continue
		}
		if f, err := os.Open(filepath.Join(dir, "cpu.stat")); err == nil {
			files = append(files, f)
		}
	}
	return files
}

func (p *probe) read() Snapshot {
	if p.stat == nil {
		return Snapshot{}
	}
	st, err := p.readStat()
	if err != nil {
		return Snapshot{}
	}
	return Snapshot{stat: st, throttled: p.readThrottled(), interruptsApart: p.interruptsApart}
}

func (p *probe) readStat() (stat, error) {
	n, err := p.stat.ReadAt(p.head, 0)
	if err != nil && err != io.EOF {
		return stat{}, err
	}
	return parseStat(p.head[:n])
}

// readThrottled returns the longest throttling among the groups. A group is
// charged for its own limit only, and while one stands still so do those in
// it: a sum would count the same standstill twice.
func (p *probe) readThrottled() time.Duration {
	var longest time.Duration
	for _, f := range p.groups {
		n, err := f.ReadAt(p.group, 0)
		if err != nil && err != io.EOF {
			continue
		}
		if d, ok := parseThrottled(p.group[:n]); ok {
			longest = max(longest, d)
		}
	}
	return longest
}

func (p *probe) close() {
	if p.stat != nil {
		p.stat.Close()
	}
	for _, f := range p.groups {
		f.Close()
	}
	*p = probe{}
}

// interruptsApart reports whether the kernel leaves interrupts out of the CPU
// time of the processes they interrupt, as with CONFIG_IRQ_TIME_ACCOUNTING.
//
// The trap: loopback delivers in a soft interrupt, a tenth of our own load.
// Such a kernel shows it in /proc/stat and not in getrusage, and the
// difference would look like a foreign process. Others, the majority, show it
// in both. When the kernel's configuration can't be read, assume the former:
// a disturbance seen too small is better than one invented.
func interruptsApart() bool {
	const option = "CONFIG_IRQ_TIME_ACCOUNTING"
	config, err := kernelConfig()
	if err != nil {
		return true
	}
	defer config.Close()
	lines := bufio.NewScanner(config)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), option+"=") {
			return true
		}
		if lines.Text() == "# "+option+" is not set" {
			return false
		}
	}
	return true
}

// kernelConfig opens the configuration that the running kernel was built with.
func kernelConfig() (io.ReadCloser, error) {
	if f, err := os.Open("/proc/config.gz"); err == nil {
		z, err := gzip.NewReader(f)
		if err != nil {
			f.Close()
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{z, f}, nil
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return nil, err
	}
	return os.Open("/boot/config-" + unix.ByteSliceToString(u.Release[:]))
}
