package calibrate

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"
)

// lookupTimeout bounds a look-up that is slow where drives are on a network.
const lookupTimeout = 200 * time.Millisecond

// fileSystem names the file system that the folder is on, such as "ext4", and
// is empty where that can't be found out.
func fileSystem(ctx context.Context, folder string) string {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	mounts, err := disk.PartitionsWithContext(ctx, true)
	if err != nil {
		return ""
	}
	kind, longest := "", -1
	for _, m := range mounts {
		// Of two mounts on one point the later one hides the other.
		if within(folder, m.Mountpoint) && len(m.Mountpoint) >= longest {
			kind, longest = m.Fstype, len(m.Mountpoint)
		}
	}
	return kind
}

// within reports whether the folder is the mount point or lies below it.
func within(folder, mountpoint string) bool {
	end := string(filepath.Separator)
	return strings.HasPrefix(strings.TrimSuffix(folder, end)+end, strings.TrimSuffix(mountpoint, end)+end)
}
