package render_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

// calibration is what a small machine allows.
func calibration() *record.Calibration {
	c := &record.Calibration{Seconds: 17.3, Cores: 2, Clients: 16, Folder: "/tmp", FileSystem: "ext4"}
	sizes := []int64{10_000, 100_000, 1_000_000}
	for _, one := range []struct {
		name, kind string
		cores      int
		rates      []float64
	}{
		{"raw TCP echo", record.YardstickCeiling, 2, []float64{95_000, 35_000, 3_950}},
		{"WebSocket echo, binary, prepared", record.EchoCeiling, 2, []float64{78_000, 33_200, 4_140}},
		{"WebSocket echo, binary, live", record.EchoCeiling, 2, []float64{71_000, 29_400, 3_830}},
		{"WebSocket echo, text, live", record.EchoCeiling, 2, []float64{62_000, 18_300, 1_920}},
		{"Base64 decode, std", record.CodecCeiling, 1, []float64{121_000, 12_100, 1_170}},
		{"store files", record.StoreCeiling, 2, []float64{8_900, 2_560, 655}},
		{"store discard", record.StoreCeiling, 2, []float64{2.1e8, 2.1e8, 2.1e8}},
	} {
		ceiling := record.Ceiling{Name: one.name, Kind: one.kind, Cores: one.cores, Note: "as it is"}
		for i, rate := range one.rates {
			ceiling.Allows = append(ceiling.Allows, record.Allowance{
				SizeBytes: sizes[i], ImagesPerS: rate, BytesPerS: rate * float64(sizes[i]),
				Repetitions: 5, Low: rate * 0.9, High: rate * 1.1,
			})
		}
		c.Ceilings = append(c.Ceilings, ceiling)
	}
	late, connected := 62.0, 9_870.0
	c.Ceilings = append(c.Ceilings,
		record.Ceiling{Name: "time.Sleep", Kind: record.TimerCeiling, Cores: 1, Note: "for 1 ms, with nothing else to do", Figures: []record.Figure{
			{Name: "late by, p50", Unit: "µs", Value: &late, Repetitions: 5, Low: 55.1, High: 1_090},
			{Name: "late by, p99", Unit: "µs", Repetitions: 5, Low: 71, High: 1_120},
		}},
		record.Ceiling{Name: "WebSocket connect", Kind: record.ConnectCeiling, Cores: 2, Note: "TCP and upgrade, 32 at the same time", Figures: []record.Figure{
			{Name: "opened", Unit: "/s", Value: &connected, Repetitions: 5, Low: 9_010, High: 10_300},
		}},
	)
	return c
}

func printed(t *testing.T, write render.CalibrationWriter, c *record.Calibration) string {
	t.Helper()
	started := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	var b bytes.Buffer
	here := specimen.Default()
	here.Sizes, here.OpenRounds = nil, 0 // its environment is all that is wanted
	if err := write(&b, render.NewCalibration(started, here.Run().Environment, c)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCalibrationGolden(t *testing.T) {
	for ext, format := range map[string]string{"txt": "table", "json": "json"} {
		t.Run(format, func(t *testing.T) {
			write, err := render.CalibrationByName(format, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := printed(t, write, calibration())
			if ext == "txt" {
				fits(t, got)
			}
			file := filepath.Join("testdata", "calibration."+ext)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; make it with go test ./reports/render -update", err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("%s differs (-want +got); if it should, run go test ./reports/render -update:\n%s", file, diff)
			}
		})
	}
}

// allow sets what a ceiling allows at 100 KB.
func allow(c *record.Calibration, name string, rate float64) {
	for _, one := range c.Ceilings {
		if one.Name == name {
			one.Allows[1].ImagesPerS = rate
		}
	}
}

func TestCalibrationConclusion(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Calibration)
		want   []string
	}{
		{"the store is the lowest", func(*record.Calibration) {},
			[]string{"At 100 KB the lowest ceiling is store files in /tmp, 2,560 images/s: with that store a run shows the folder",
				"33,200 images/s as binary and 18,300 as text"}},
		{"the echo is the lowest", func(c *record.Calibration) { allow(c, "store files", 90_000) },
			[]string{"is WebSocket echo, text, live, 18,300 images/s: no store and no codec is in the way"}},
		{"the codec is the lowest, on all cores", func(c *record.Calibration) {
			allow(c, "store files", 90_000)
			allow(c, "Base64 decode, std", 6_000)
		}, []string{"is Base64 decode, std on 2 cores, 12,000 images/s: a run that uses it shows that"}},
		{"the bare bytes are the lowest", func(c *record.Calibration) {
			allow(c, "store files", 90_000)
			allow(c, "raw TCP echo", 18_000)
		}, []string{"is raw TCP echo, 18,000 images/s: the kernel's loopback"}},
		{"another size when 100 KB was not measured", func(c *record.Calibration) {
			for i := range c.Ceilings {
				for j := range c.Ceilings[i].Allows {
					c.Ceilings[i].Allows[j].SizeBytes *= 2
				}
			}
		}, []string{"At 200 KB the lowest"}},
		{"no echo was measured", func(c *record.Calibration) { c.Ceilings = c.Ceilings[4:] },
			[]string{"store files in /tmp, 2,560 images/s: with that store a run shows the folder and not the WebSocket; choose another --store, or another folder, to see more.\n"}},
		{"one core", func(c *record.Calibration) { c.Cores = 1 }, []string{"on this one core"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := calibration()
			tt.change(c)
			got := render.NewCalibration(time.Time{}, record.Environment{}, c).Conclusion + "\n"
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
		})
	}
}

func TestCalibrationTellsARestlessMachine(t *testing.T) {
	c := calibration()
	c.Ceilings[3].Allows[2].High = 2 * c.Ceilings[3].Allows[2].Low
	c.Ceilings[5].Allows[0].High = 9 * c.Ceilings[5].Allows[0].Low // a store
	got := strings.Join(strings.Fields(printed(t, render.Options{}.CalibrationText, c)), " ")
	if want := "repetitions differ by up to 2.00 times (WebSocket echo, text, live at 1 MB)"; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %q in it", got, want)
	}
	if strings.Contains(printed(t, render.Options{}.CalibrationText, calibration()), "restless") {
		t.Error("a quiet machine is called restless")
	}
}

func TestCalibrationOfNothingIsPrinted(t *testing.T) {
	got := printed(t, render.Options{}.CalibrationText, &record.Calibration{Incomplete: "interrupted"})
	if !strings.Contains(got, "incomplete: interrupted") || strings.Contains(got, "lowest") {
		t.Errorf("got %q, want that it is incomplete, and no conclusion", got)
	}
}

func TestCalibrationWithLongNamesAndWideNumbersFits(t *testing.T) {
	c := calibration()
	c.Folder = "/" + strings.Repeat("a-long-name/", 20)
	c.Ceilings[0].Name = strings.Repeat("very raw ", 20) + "\x1b[31m"
	for i := range c.Ceilings {
		for j := range c.Ceilings[i].Allows {
			c.Ceilings[i].Allows[j].ImagesPerS = 9_999_999
		}
		for j := range c.Ceilings[i].Figures {
			c.Ceilings[i].Figures[j].Low = 1e12
			c.Ceilings[i].Figures[j].High = 1e12
		}
	}
	fits(t, printed(t, render.Options{}.CalibrationText, c))
	fits(t, printed(t, render.Options{Colour: true}.CalibrationText, c))
}

func TestCalibrationWritersReportWriteErrors(t *testing.T) {
	for _, format := range render.CalibrationFormats() {
		write, err := render.CalibrationByName(format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := write(failing{}, &render.Calibration{Calibration: calibration()}); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want %v", format, err, errFull)
		}
	}
	if _, err := render.CalibrationByName("csv", render.Options{}); err == nil || !strings.Contains(err.Error(), "use table or json") {
		t.Errorf("error %v, want one that names the formats", err)
	}
}
