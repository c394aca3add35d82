package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/render"
)

// writable finds out before the run whether its record can be saved, and
// returns the file to save it to: a link leads to what it points at.
func writable(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path) // before opening: a pipe would wait for a reader
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return "", fmt.Errorf("%w: give a file in a folder that exists and may be written", err)
		}
		return path, errors.Join(f.Close(), os.Remove(path))
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file: give one, or a name that is free", path)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return "", fmt.Errorf("%w: give a file that may be written", err)
	}
	return path, f.Close()
}

// save writes the record of a run, whole or not at all.
func save(path string, run *record.Run) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(run, "", " ")
	if err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".wsimg-*.part")
	if err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	defer os.Remove(f.Name()) // nothing, once it is renamed
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	return nil
}

// reportWriter returns what prints a report to stdout in a --format.
func reportWriter(format string, stdout io.Writer) (render.Writer, error) {
	write, err := render.ByName(format, render.Options{Colour: isTerminal(stdout) && os.Getenv("NO_COLOR") == ""})
	if err != nil {
		return nil, usagef("--format: %w", err)
	}
	return write, nil
}
