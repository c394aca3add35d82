package record

import (
	"fmt"
	"reflect"
)

// Idle is what connections cost that are open and send nothing: what was read
// before they were opened, and while they were there.
type Idle struct {
	Clients int    `json:"clients"` // that do not send and were connected when With was read
	Before  Memory `json:"before"`  // the active alone
	With    Memory `json:"with"`    // all that were connected: before the load began or, where clients came by a ramp, behind it
	// Alone are blocks of the same load with the active alone: before the idle
	// ones came, and after they had left. An empty list: it was not measured.
	// Their Errors are in the cell's counts too, the first block's in WarmupErrors
	// and the second's in the sample's Errors: not to be added to those.
	Alone []Sample `json:"alone,omitempty"`
}

// Memory is the resident memory of both ends, in bytes; nil where it is not
// known. What the kernel holds for sockets is in neither.
type Memory struct {
	Generator *uint64 `json:"generator_bytes,omitempty"`
	Target    *uint64 `json:"target_bytes,omitempty"`
}

// check returns what can't be of that many clients in all.
func (i *Idle) check(clients int) error {
	switch {
	case i == nil:
		return nil
	case i.Clients > clients:
		return fmt.Errorf("clients is %d of %d", i.Clients, clients)
	case len(i.Alone) > 2:
		return fmt.Errorf("alone has %d blocks, want at most one before the idle clients came and one after they left", len(i.Alone))
	}
	for n := range i.Alone {
		if err := i.Alone[n].check(clients); err != nil {
			return within(fmt.Sprintf("alone[%d]", n), err)
		}
	}
	return checkNumbers(reflect.ValueOf(i).Elem())
}
