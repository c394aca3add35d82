package machine

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReadSysctls(t *testing.T) {
	root := fstest.MapFS{
		"net/core/somaxconn":               {Data: []byte("4096\n")},
		"net/ipv4/tcp_rmem":                {Data: []byte("4096\t131072\t6291456\n")},
		"net/ipv4/tcp_congestion_control":  {Data: []byte("cubic\n")},
		"net/ipv4/tcp_fastopen_key":        {Data: []byte("00000000-secret\n")},
		"kernel/hostname":                  {Data: []byte("build-7\n")},
		"net/core/rmem_max/is_a_directory": {Data: []byte("1\n")},
	}
	want := map[string]string{
		"net.core.somaxconn":              "4096",
		"net.ipv4.tcp_rmem":               "4096 131072 6291456",
		"net.ipv4.tcp_congestion_control": "cubic",
	}
	if diff := cmp.Diff(want, readSysctls(root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHugepages(t *testing.T) {
	for content, want := range map[string]string{
		"always [madvise] never\n": "madvise",
		"[always] madvise never\n": "always",
		"always\n":                 "",
		"":                         "",
	} {
		got := hugepages(fstest.MapFS{"transparent_hugepage/enabled": {Data: []byte(content)}})
		if got != want {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
	if got := hugepages(fstest.MapFS{}); got != "" {
		t.Errorf("without the file: got %q", got)
	}
}

// A name with a slip of the pen would be left out without a word. Only those
// are asked that every kernel of the last ten years has in any container.
func TestSysctlsOfThisMachine(t *testing.T) {
	got := sysctls()
	for _, name := range []string{"net.core.somaxconn", "net.ipv4.tcp_rmem", "net.ipv4.tcp_congestion_control", "net.ipv4.ip_local_port_range"} {
		if got[name] == "" {
			t.Errorf("%s: got nothing", name)
		}
	}
	for _, name := range sysctlNames() {
		if got[name] == "" {
			t.Logf("this kernel does not tell %s", name)
		}
	}
}
