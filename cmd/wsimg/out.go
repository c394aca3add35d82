package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wsimg/wsimg/loadgen/record"
)

// writable finds out before the run whether its record can be saved.
func writable(path string) error {
	if path == "" {
		return nil
	}
	_, before := os.Stat(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("%w: give a file in a folder that exists and may be written", err)
	}
	f.Close()
	if errors.Is(before, os.ErrNotExist) {
		return os.Remove(path)
	}
	return nil
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
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("save the run: %w", err)
	}
	return nil
}
