package machine

import (
	"io/fs"
	"os"
	"strings"
)

// sysctlNames are the settings that can move a run's figures, by what they
// decide. A fixed list: not all that /proc/sys holds may be shown around.
func sysctlNames() []string {
	return []string{
		// How many connections can be opened, and how fast.
		"net.core.somaxconn",
		"net.ipv4.ip_local_port_range",
		"net.ipv4.tcp_max_syn_backlog",
		"net.ipv4.tcp_tw_reuse",
		// How much of a message is under way at once.
		"net.core.rmem_default",
		"net.core.rmem_max",
		"net.core.wmem_default",
		"net.core.wmem_max",
		"net.ipv4.tcp_adv_win_scale",
		"net.ipv4.tcp_limit_output_bytes",
		"net.ipv4.tcp_mem",
		"net.ipv4.tcp_moderate_rcvbuf",
		"net.ipv4.tcp_notsent_lowat",
		"net.ipv4.tcp_rmem",
		"net.ipv4.tcp_window_scaling",
		"net.ipv4.tcp_wmem",
		// When it is sent, and what picks it up.
		"net.core.busy_poll",
		"net.core.busy_read",
		"net.core.default_qdisc",
		"net.core.netdev_budget",
		"net.core.netdev_max_backlog",
		"net.ipv4.tcp_autocorking",
		"net.ipv4.tcp_congestion_control",
		"net.ipv4.tcp_slow_start_after_idle",
		// Who gets the cores.
		"kernel.numa_balancing",
		"kernel.sched_autogroup_enabled",
		// When saved images are written back, and memory is given up.
		"vm.dirty_background_ratio",
		"vm.dirty_ratio",
		"vm.swappiness",
	}
}

// sysctls returns the kernel's settings that bear on a run, and beside them
// "transparent_hugepage", which is set elsewhere.
func sysctls() map[string]string {
	found := readSysctls(os.DirFS("/proc/sys"))
	if mode := hugepages(os.DirFS("/sys/kernel/mm")); mode != "" {
		found["transparent_hugepage"] = mode
	}
	return found
}

// readSysctls reads settings from /proc/sys, several numbers separated by one
// space. Those that can't be read are left out: older kernels have not all of
// them, and containers see only their network's own.
func readSysctls(root fs.FS) map[string]string {
	found := make(map[string]string)
	for _, name := range sysctlNames() {
		if b, err := fs.ReadFile(root, strings.ReplaceAll(name, ".", "/")); err == nil {
			found[name] = strings.Join(strings.Fields(string(b)), " ")
		}
	}
	return found
}

// hugepages returns which memory is put in huge pages: the word in brackets of
// "always [madvise] never". Empty when the kernel has none.
func hugepages(mm fs.FS) string {
	b, err := fs.ReadFile(mm, "transparent_hugepage/enabled")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(b), "[")
	mode, _, _ := strings.Cut(after, "]")
	return mode
}
