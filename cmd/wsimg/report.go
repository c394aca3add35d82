package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/render"
)

// newReportCommand returns the command that prints the report of saved runs.
func newReportCommand(stdin io.Reader, stdout io.Writer) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "report FILE...",
		Short: "Print the report of a saved run again, in any format",
		Long: `Print the report of a run that wsimg saved with --out, as it was printed then,
or in another format. A file named - is standard input.

Several runs of wsimg bench become one: all their rounds together, as if one run
had gone on. They must have been asked the same, on the same machine; what
differs is named. Loads and searches for capacity are each reported by themselves.

  table      for people, as bench prints it
  json, csv  for programs and spreadsheets
  markdown   for a pull request
  hgrm       latencies as HdrHistogram's percentile distributions, for its plotters
  benchstat  Go's benchmark format, a line for each round and cell

It exits as the run did: 0 when all is well, 1 when images failed or the run is
incomplete (interrupted too), 3 when it is void, 4 when objectives can't be met;
and with 2 when a file can't be read, holds no run, or can't be merged with the
others.`,
		Example: `  wsimg report run.json
  wsimg report --format markdown run.json
  wsimg report monday.json tuesday.json
  wsimg report --format benchstat run.json > run.txt && benchstat -col /mode run.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("report needs a file: give one that wsimg saved with --out")
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	cmd.Flags().StringVar(&format, "format", "table", "how to print the report: "+strings.Join(render.Formats(), ", "))
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		write, err := reportWriter(format, stdout)
		if err != nil {
			return err
		}
		saved, err := readRuns(files, stdin)
		if err != nil {
			return usagef("%w", err)
		}
		var ended error
		if saved.Incomplete != "" {
			ended = fmt.Errorf("the run is incomplete: %s", saved.Incomplete)
		}
		return publish(saved, write, stdout, ended)
	}
	return cmd
}

// readRuns reads the runs that are saved in files, as one.
func readRuns(files []string, stdin io.Reader) (*record.Run, error) {
	if i := slices.Index(files, "-"); i >= 0 && slices.Contains(files[i+1:], "-") {
		return nil, errors.New("- is given twice: standard input holds one run")
	}
	runs := make([]*record.Run, len(files))
	for i, file := range files {
		var err error
		if runs[i], err = readRun(file, stdin); err != nil {
			return nil, fmt.Errorf("%s: %w", fileName(file), err)
		}
	}
	merged, err := record.Merge(runs...)
	if unlike, ok := errors.AsType[*record.MergeError](err); ok {
		return nil, errors.New(unlike.Naming(func(run int) string { return fileName(files[run]) }))
	}
	return merged, err
}

func readRun(file string, stdin io.Reader) (*record.Run, error) {
	if file == "-" {
		return record.Read(stdin)
	}
	f, err := os.Open(file)
	if err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err // the file is named already
		}
		return nil, fmt.Errorf("%w: give a file that wsimg saved with --out", err)
	}
	defer f.Close()
	return record.Read(f)
}

// fileName is how an error names a file.
func fileName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}
