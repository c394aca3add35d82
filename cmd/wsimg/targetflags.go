package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// targetFlags are the flags of wsimg target, as typed.
type targetFlags struct {
	addr, store, dir, maxImage, codec, reply string
	deflate, lenient, verbose, child         bool

	fsync, maxBytes string
	keep            int

	maxConnections, maxPerAddress      int
	maxNewPerAddress, maxInFlight      string
	handshake, message, idle, mayWrite time.Duration

	token, cert, key, tls string
	anonymous             bool
	origins               []string
}

// selfSigned is what --tls may be.
const selfSigned = "self-signed"

// register adds the flags to cmd, in groups.
func (f *targetFlags) register(cmd *cobra.Command) {
	images := newFlagGroup("What becomes of an image")
	images.set.StringVar(&f.store, "store", string(target.DefaultStore), "files, latest, discard or off")
	images.set.StringVar(&f.dir, "dir", target.DefaultDir, "save images in this `folder`")
	images.set.StringVar(&f.fsync, "fsync", string(store.SyncNever), "what is on the disk before the reply: never (nothing for sure), file (the image) or dir (its name, too)")
	images.set.IntVar(&f.keep, "keep", 0, "keep `N` images, and remove the oldest (default: all)")
	images.set.StringVar(&f.maxBytes, "max-bytes", "", "keep images of this `size` in all, and remove the oldest (default: all)")
	images.set.StringVar(&f.codec, "codec", string(target.DefaultCodec), "decode Base64 with simd or std (the standard library)")
	images.set.BoolVar(&f.lenient, "lenient", false, "take Base64 with line breaks, without padding or in the URL alphabet, too")
	images.set.StringVar(&f.reply, "reply", string(target.DefaultReply), "answer an image with echo (the message as it came) or ack (a short JSON text)")
	images.set.BoolVar(&f.deflate, "deflate", false, "let clients compress messages (permessage-deflate); browsers always offer to")

	access := newFlagGroup("Who may use it")
	access.set.StringVar(&f.addr, "addr", target.DefaultAddr, "listen on this `host:port`; other hosts than this one want a token, or --allow-anonymous")
	access.set.StringVar(&f.token, "token", "", "clients must show this `TOKEN`, as Authorization: Bearer or ?token= (default: $"+tokenVariable+", which other users of the machine can't see)")
	access.set.BoolVar(&f.anonymous, "allow-anonymous", false, "listen on other addresses than loopback without a token")
	access.set.StringArrayVar(&f.origins, "allow-origin", nil, "pages of this `ORIGIN` may connect from browsers, as https://example.com; * is all; may be repeated (default: the target's own)")
	access.set.StringVar(&f.cert, "cert", "", "serve wss:// with the certificate in this PEM `FILE`; with --key")
	access.set.StringVar(&f.key, "key", "", "the certificate's key, a PEM `FILE`")
	access.set.StringVar(&f.tls, "tls", "", selfSigned+": serve wss:// with a certificate made on the spot, and print its fingerprint")

	limits := newFlagGroup("Limits")
	limits.set.IntVar(&f.maxConnections, "max-connections", 0, "`N` sessions at a time (default: as the limit of open files allows)")
	limits.set.IntVar(&f.maxPerAddress, "max-per-address", target.DefaultPerAddress, "`N` sessions of one address at a time; loopback is exempt")
	limits.set.StringVar(&f.maxNewPerAddress, "max-new-per-address", fmt.Sprintf("%d/s", target.DefaultNewPerAddress), "the `RATE` at which one address may begin sessions; loopback is exempt")
	limits.set.StringVar(&f.maxImage, "max-image", "64MB", "refuse images above this `size` in raw bytes, and messages that inflate to more")
	limits.set.StringVar(&f.maxInFlight, "max-in-flight", "", "memory for messages of all sessions together, a `size` (default: 1GB, or a quarter of the memory if that is less)")
	limits.set.DurationVar(&f.handshake, "handshake-timeout", target.DefaultHandshakeTimeout, "from connecting to a whole request")
	limits.set.DurationVar(&f.message, "message-timeout", target.DefaultMessageTimeout, "from the first byte of a message to its last")
	limits.set.DurationVar(&f.idle, "idle-timeout", target.DefaultIdleTimeout, "without a sign of life between messages; pings ask for one")
	limits.set.DurationVar(&f.mayWrite, "write-timeout", target.DefaultWriteTimeout, "for a client to accept a reply")

	other := newFlagGroup("Other")
	other.set.BoolVarP(&f.verbose, "verbose", "v", false, "log connections and images to stderr")
	other.set.BoolVar(&f.child, "child", false, "serve until standard input ends")
	other.set.BoolP("help", "h", false, "this text")
	_ = other.set.MarkHidden("child") // it is there

	group(cmd, images, access, limits, other)
}

// settings returns what the flags of cmd ask for, or all that is wrong with
// them. The fingerprint is of the certificate, empty without one.
func (f targetFlags) settings(cmd *cobra.Command, stderr io.Writer) (settings target.Settings, fingerprint string, err error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	size := func(flag, value string) int64 {
		if !cmd.Flags().Changed(flag) && value == "" {
			return 0 // the default
		}
		n, err := payload.ParseSize(value)
		if err != nil {
			fault("--%s: %w", flag, err)
		}
		return n
	}
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	settings = target.Settings{
		Addr:     f.addr,
		Store:    store.Kind(f.store),
		Dir:      f.dir,
		MaxImage: size("max-image", f.maxImage),
		Keep:     store.Keep{Images: max(0, f.keep), Bytes: size("max-bytes", f.maxBytes)},
		Lenient:  f.lenient,
		Codec:    target.Codec(f.codec),
		Deflate:  f.deflate,
		Version:  version,
		Logger:   slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
		Limits: target.Limits{ // what is below 0 is a contradiction, told below
			Connections: max(0, f.maxConnections),
			PerAddress:  max(0, f.maxPerAddress),
			InFlight:    size("max-in-flight", f.maxInFlight),
			Handshake:   max(0, f.handshake),
			Message:     max(0, f.message),
			Idle:        max(0, f.idle),
			Write:       max(0, f.mayWrite),
		},
	}
	if settings.Reply, err = target.ParseReply(f.reply); err != nil {
		fault("--reply: %w", err)
	}
	if settings.Keep.Sync, err = store.ParseSync(f.fsync); err != nil {
		fault("--fsync: %w", err)
	}
	if settings.Limits.NewPerAddress, err = schedule.ParseRate(f.maxNewPerAddress); err != nil {
		fault("--max-new-per-address: %w", err)
	} else if settings.Limits.NewPerAddress == 0 {
		fault("--max-new-per-address %s: give a rate above 0, such as 1000/s", f.maxNewPerAddress)
	}
	settings.Access, fingerprint, err = f.access(cmd)
	faults = append(faults, f.contradictions(cmd), err, settings.Validate())
	return settings, fingerprint, errors.Join(faults...)
}

// contradictions returns what can't be asked for together, or at all.
func (f targetFlags) contradictions(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, flag := range []struct {
		name  string
		value int
	}{
		{"max-connections", f.maxConnections}, {"max-per-address", f.maxPerAddress}, {"keep", f.keep},
	} {
		if given(flag.name) && flag.value < 1 {
			fault("--%s %d: give at least 1, or leave it out", flag.name, flag.value)
		}
	}
	if f.lenient && store.Kind(f.store) == store.Off {
		fault("--lenient is for stores that decode: choose --store files, latest or discard, or leave it out")
	}
	for _, flag := range []struct {
		name  string
		value time.Duration
	}{
		{"handshake-timeout", f.handshake}, {"message-timeout", f.message}, {"idle-timeout", f.idle}, {"write-timeout", f.mayWrite},
	} {
		if flag.value <= 0 {
			fault("--%s %v: give a positive duration such as 10s", flag.name, flag.value)
		}
	}
	return errors.Join(faults...)
}

// access returns who may use the target, and the fingerprint of its
// certificate. A child is its parent's alone, and asks for no token that is in
// the environment of both.
func (f targetFlags) access(cmd *cobra.Command) (access target.Access, fingerprint string, err error) {
	given := cmd.Flags().Changed
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	access.Anonymous = f.anonymous
	origins := target.Access{Origins: f.origins}
	if err := (target.Settings{Access: origins}).Validate(); err != nil {
		fault("--allow-origin: %w", err)
	} else {
		access.Origins = f.origins
	}
	if !f.child || given("token") {
		access.Token, err = tokenAsked(given("token"), f.token)
		faults = append(faults, err)
	}
	if access.Token != "" && f.anonymous {
		fault("--allow-anonymous and a token (--token or %s) exclude each other: everybody may use the target, or who knows the token; drop one of the two", tokenVariable)
	}
	switch {
	case given("tls") && f.tls != selfSigned:
		fault("--tls %q: the one choice is %s; a certificate of your own goes with --cert and --key", f.tls, selfSigned)
	case given("tls") && (given("cert") || given("key")):
		fault("--tls %s and --cert or --key exclude each other: the certificate is made on the spot, or yours; drop one of the two", selfSigned)
	case given("cert") != given("key"):
		fault("--cert and --key go together: give the certificate with the one and its private key with the other; one file may hold both")
	case given("tls"):
		access.TLS, fingerprint, err = target.SelfSigned(f.addr)
		if err != nil {
			fault("--tls: %w", err)
		}
	case given("cert"):
		access.TLS, fingerprint, err = target.LoadCertificate(f.cert, f.key)
		if err != nil {
			fault("--cert and --key: %w", err)
		}
	}
	return access, fingerprint, errors.Join(faults...)
}
