package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestReadmeCommandsAreUnderstood asks the command line for the meaning of
// every wsimg command that the README shows.
func TestReadmeCommandsAreUnderstood(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for line := range strings.Lines(string(readme)) {
		command, _, _ := strings.Cut(line, "#")
		command, ok := strings.CutPrefix(command, "    wsimg ")
		if !ok {
			continue
		}
		shown++
		// --help stops the command when everything before it is understood.
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), append(strings.Fields(command), "--help"), nil, &stdout, &stderr); err != nil {
			t.Errorf("wsimg %s: %v", command, err)
		}
	}
	if shown == 0 {
		t.Error("the README shows no command")
	}
}
