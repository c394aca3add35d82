//go:build !linux

package machine

import (
	"errors"
	"fmt"
)

// StartOn fails: only Linux keeps processes to processors.
func StartOn([]int, func() error) error {
	return fmt.Errorf("keep it to some CPUs: %w", errors.ErrUnsupported)
}
