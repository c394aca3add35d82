package calibrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// rig is all that a calibration needs, up and running.
type rig struct {
	images     []*images
	dir        string // ours alone
	fileSystem string
	target     *target.Child
	yardstick  *child
	tcp        map[*images]*tcpEcho
	webSocket  map[*images]*webSocketEcho
	ceilings   []ceiling // in the order they are reported

	closing []func() error
}

// newRig sets everything up; close takes it down again.
func newRig(ctx context.Context, s Settings) (_ *rig, err error) {
	r := &rig{tcp: make(map[*images]*tcpEcho), webSocket: make(map[*images]*webSocketEcho)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.dir, err = makeFolder(s.Dir); err != nil {
		return nil, fmt.Errorf("make a folder for the stores: %w", err)
	}
	r.closing = append(r.closing, func() error { return os.RemoveAll(r.dir) })
	r.fileSystem = fileSystem(ctx, r.dir)
	if r.images, err = makeImages(ctx, s.Sizes); err != nil {
		return nil, err
	}

	if r.yardstick, err = startChild(ctx, s.Yardstick); err != nil {
		return nil, err
	}
	r.closing = append(r.closing, r.yardstick.close)
	s.Target.Store = store.Off
	if r.target, err = target.Start(ctx, s.Target); err != nil {
		return nil, err
	}
	r.closing = append(r.closing, func() error { return r.target.Stop(context.Background()) })
	for _, of := range r.images {
		tcp, err := newTCPEcho(ctx, r.yardstick.addr, s.Clients, of)
		if err != nil {
			return nil, err
		}
		r.tcp[of], r.closing = tcp, append(r.closing, tcp.close)
		webSocket, err := newWebSocketEcho(ctx, r.target.URL(), s.Clients, of)
		if err != nil {
			return nil, err
		}
		r.webSocket[of], r.closing = webSocket, append(r.closing, webSocket.close)
	}

	timers, closing, err := newTimers()
	if err != nil {
		return nil, err
	}
	r.closing = append(r.closing, closing)
	r.ceilings = slices.Concat(
		tcpCeilings(r.images, r.tcp),
		webSocketCeilings(r.images, r.webSocket),
		codecs(r.images),
		stores(r.images, r.dir),
		timers,
		connecting(r.yardstick.addr, r.target.URL()),
	)
	return r, nil
}

// warmUp runs the echoes for d without keeping what they reach: the kernel
// takes a second or so to open the windows of fresh connections.
func (r *rig) warmUp(ctx context.Context, d time.Duration) error {
	d = max(shortest, d/time.Duration(2*len(r.images)))
	for _, of := range r.images {
		if err := r.tcp[of].warmUp(ctx, d); err != nil {
			return err
		}
		if err := r.webSocket[of].warmUp(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// blame returns the death of a server as the cause of err, if one has died:
// its clients may notice before anybody tells them.
func (r *rig) blame(err error) error {
	select {
	case <-r.target.Exited():
		err = r.target.Err()
	case <-r.yardstick.exited:
		err = cmp.Or(r.yardstick.fault(), errors.New("the yardstick ended by itself"))
	case <-time.After(500 * time.Millisecond):
		return err
	}
	return fmt.Errorf("%w, in the middle: see whether memory ran out, and calibrate again", err)
}

// close ends the processes and removes the folder, the last made first.
func (r *rig) close() error {
	var errs []error
	for _, closing := range slices.Backward(r.closing) {
		errs = append(errs, closing())
	}
	r.closing = nil
	return errors.Join(errs...)
}
