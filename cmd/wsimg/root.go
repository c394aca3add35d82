package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// version is wsimg's own.
const version = "0.5.0"

// run carries out one command line. Its error has been printed to stderr; what
// the process should exit with is exitCode's to say.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:   "wsimg",
		Short: "What does it cost to move images over a WebSocket as Base64?",
		Long: `wsimg moves images over WebSockets, as Base64 text and as raw binary frames, and
tells what the difference costs: in bytes, in CPU at both ends, in images per
second and in latency, each with its interval.

Start with: wsimg bench`,
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q: wsimg --help lists them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("wsimg {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w: %s --help lists the flags and what they accept", err, cmd.CommandPath())
	})
	root.AddCommand(
		newBenchCommand(stdout, stderr),
		newRunCommand(stdout, stderr),
		newCapacityCommand(stdout, stderr),
		newCalibrateCommand(stdout, stderr),
		newReportCommand(stdin, stdout),
		newPlanCommand(stdin, stdout),
		newTargetCommand(stdout, stderr),
	)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		fmt.Fprintf(stderr, "wsimg: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nwsimg: "))
	}
	return err
}
