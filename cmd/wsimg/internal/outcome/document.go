package outcome

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Update puts the outcome into its place in the document at path, instead of the
// last one. A document without a place for it stays as it is, and is an error.
func (o *Outcome) Update(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write the outcome of %s: %w", o.Program, err)
	}
	updated, err := update(string(old), o.Program, o.Markdown())
	if err != nil {
		return fmt.Errorf("write the outcome of %s to %s: %w", o.Program, path, err)
	}
	if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
		return fmt.Errorf("write the outcome of %s: %w", o.Program, err)
	}
	return nil
}

// Places returns an error that names every program for whose outcome the
// document at path has no place, or more than one.
func Places(path string, programs ...string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("look for the places of outcomes: %w", err)
	}
	var faults []error
	for _, program := range programs {
		if _, err := update(string(document), program, ""); err != nil {
			faults = append(faults, fmt.Errorf("look for the place of %s in %s: %w", program, path, err))
		}
	}
	return errors.Join(faults...)
}

// update returns the document with the text between a program's marks
// replaced:
//
//	<!-- outcome of Idle -->
//	…
//	<!-- end of Idle -->
func update(document, program, text string) (string, error) {
	begin := fmt.Sprintf("<!-- outcome of %s -->\n", program)
	end := fmt.Sprintf("<!-- end of %s -->\n", program)
	before, rest, ok := strings.Cut(document, begin)
	if !ok {
		return "", fmt.Errorf("it has no line %q: put it where the outcome belongs", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("it has no line %q behind %q: put it where the outcome ends", strings.TrimSpace(end), strings.TrimSpace(begin))
	}
	if strings.Contains(after, begin) {
		return "", errors.New("it has two places for the outcome: keep one")
	}
	return before + begin + strings.TrimSpace(text) + "\n" + end + after, nil
}
