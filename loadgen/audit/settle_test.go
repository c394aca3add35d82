package audit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// TestSettle is about a run of 1,000 verified images, ten of each of 100, over
// 16 connections.
func TestSettle(t *testing.T) {
	const (
		relied  = "; see its log, its disk and whatever is between: what it answers for can't be relied on"
		alone   = "; it saw 20 audited connections and this run dialed 16, so other audited clients were there at the same time: audit one run at a time"
		altered = "the target saved 1,000 images, and they are not the 1,000 verified images: at least 1 was altered or lost" + relied
	)
	images := append(pictures(50, 3), pictures(50, 200)...)
	stranger, beside := pictures(1, 77)[0], pictures(51, 3)[50]
	less := ^uint64(0) // times: one less
	for _, tt := range []struct {
		name   string
		happen func(*target, *Book)
		want   record.Audit
	}{
		{"all is well", func(*target, *Book) {}, record.Audit{Saved: 1000}},
		{"an image is lost", func(s *target, _ *Book) { s.save(images[0], less) }, record.Audit{
			Saved: 999, Fault: "the target saved 999 of 1,000 verified images" + relied,
		}},
		{"an image is saved twice", func(s *target, _ *Book) { s.save(images[0], 1) }, record.Audit{
			Saved: 1001, Fault: "the target saved 1,001 images, 1 more than the 1,000 verified images: at least so many were saved twice or are not of this run" + relied,
		}},
		{"an image is altered", func(s *target, _ *Book) {
			s.save(images[0], less)
			s.save(stranger, 1)
		}, record.Audit{Saved: 1000, Fault: altered}},
		{"an image is altered, and the hash falls into the same part", func(s *target, _ *Book) {
			s.save(images[0], less)
			s.save(beside, 1)
		}, record.Audit{Saved: 1000, Fault: altered}},
		{"an image is lost and another of its part saved twice", func(s *target, _ *Book) {
			s.save(images[0], less)
			s.save(images[1], 1)
		}, record.Audit{Saved: 1000, Fault: altered}},
		{"two images are lost and another one saved twice", func(s *target, _ *Book) {
			s.save(images[0], less)
			s.save(images[1], less)
			s.save(images[99], 1)
		}, record.Audit{
			Saved: 999, Fault: "the target saved 999 images, and they are not the 1,000 verified images: at least 2 were altered or lost" + relied,
		}},
		{"somebody else is there", func(s *target, _ *Book) {
			s.Connections += 4
			s.save(stranger, 5)
		}, record.Audit{
			Saved: 1005, Fault: "the target saved 1,005 images, 5 more than the 1,000 verified images: at least so many were saved twice or are not of this run" + alone,
		}},
		{"somebody else is there and all of it failed", func(s *target, _ *Book) { s.Connections += 4 }, record.Audit{Saved: 1000}},
		{"unsettled images, of which none was saved", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 3)
			s.send(b, images, 99, 0, 1)
		}, record.Audit{Unsettled: 4, Saved: 1000}},
		{"unsettled images, of which some were saved", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 3)
			s.send(b, images, 1, 0, 3)
			s.send(b, images, 2, 0, 3)
			s.send(b, images, 99, 0, 1)
			s.save(images[0], 2)
			s.save(images[2], 3)
			s.save(images[99], 1)
		}, record.Audit{Unsettled: 10, Saved: 1006, UnsettledSaved: 6}},
		{"an unsettled image is saved once more than it was sent", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 1)
			s.save(images[0], 2)
		}, record.Audit{Unsettled: 1, Saved: 1002, Fault: "the target saved 1,002 images, 1 more than the 1,000 verified images and the 1 unsettled: at least so many were saved twice or are not of this run" + relied}},
		{"an unsettled image is saved, and a verified one of its part is lost", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 1)
			s.save(images[0], 1)
			s.save(images[1], less)
		}, record.Audit{Unsettled: 1, Saved: 1000, Fault: "the target saved 1,000 images, and they are not the 1,000 verified images and the 1 unsettled: at least 1 was altered or lost" + relied}},
		{"one unsettled image is saved more often than it was sent, and another less often", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 3)
			s.send(b, images, 1, 0, 1)
			s.save(images[1], 2)
		}, record.Audit{Unsettled: 4, Saved: 1002, Fault: "the target saved 1,002 images, and they are not the 1,000 verified images and the 4 unsettled: at least 1 was altered or lost" + relied}},
		{"a verified image is lost and another unsettled", func(s *target, b *Book) {
			s.send(b, images, 99, 0, 1)
			s.save(images[0], less)
		}, record.Audit{Unsettled: 1, Saved: 999, Fault: "the target saved at most 999 of 1,000 verified images" + relied}},
		{"an unsettled image is saved altered, and the hash falls into the same part", func(s *target, b *Book) {
			s.send(b, images, 0, 0, 1)
			s.save(beside, 1)
		}, record.Audit{Unsettled: 1, Saved: 1001, Fault: "the target saved 1,001 images, and they are not the 1,000 verified images and the 1 unsettled: at least 1 was altered or lost" + relied}},
		{"too many and too different images are unsettled", func(s *target, b *Book) {
			for i := range 20 {
				s.send(b, images, i, 0, 9)
				s.save(images[i], 4)
			}
		}, record.Audit{Unsettled: 180, Saved: 1080, Fault: "the target saved all 1,000 verified images, and 180 unsettled ones are too many and too different to tell which of them it saved; mend what made images fail, or send fewer different ones (--distinct)"}},
		{"the target is started anew", func(s *target, _ *Book) { s.PID++ }, record.Audit{
			Fault: "the target was started anew during the run, and its book is gone: see there why it ended, and measure again",
		}},
		{"it is started anew, and has saved as much by now", func(s *target, _ *Book) { s.Connections = 2 }, record.Audit{
			Fault: "the target was started anew during the run, and its book is gone: see there why it ended, and measure again",
		}},
		{"it is started anew with the same PID, and has saved more by now", func(s *target, _ *Book) {
			s.Instance = "another"
			s.save(images[0], 5)
		}, record.Audit{
			Fault: "the target was started anew during the run, and its book is gone: see there why it ended, and measure again",
		}},
		{"it is started anew in a container, where all have one PID", func(s *target, _ *Book) {
			s.Books = site.Books{PID: s.PID, Connections: 100, Parts: map[uint8]site.Part{}}
		}, record.Audit{
			Fault: "the target was started anew during the run, and its book is gone: see there why it ended, and measure again",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, b := newTarget(), NewBook(images)
			before := s.now()
			s.Connections += 16
			for i := range images {
				s.send(b, images, i, 10, 0)
			}
			tt.happen(s, b)
			tt.want.Verified = 1000
			if diff := cmp.Diff(tt.want, Settle(before, s.now(), 16, b)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettleWhereNobodySawTheImages(t *testing.T) {
	images := pictures(2, 9)
	s, b := newTarget(), NewBook(images)
	before := s.now()
	newTarget().send(b, images, 1, 5, 0)
	got := Settle(before, s.now(), 16, b)
	if want := "the target saved 0 of 5 verified images; it saw no audited connection"; !strings.HasPrefix(got.Fault, want) {
		t.Errorf("got %q, want %q", got.Fault, want)
	}
}

// TestSettleIsNeverWrong draws what is sent, from sources that have images in
// common, and how often each is saved: there is a fault exactly when one was
// saved less often than verified, or more often than sent.
func TestSettleIsNeverWrong(t *testing.T) {
	pool := append(pictures(7, 0), pictures(3, 255)...)
	rapid.Check(t, func(t *rapid.T) {
		s, books := newTarget(), []*Book{NewBook(pool[:5]), NewBook(pool[3:])}
		before := s.now()
		s.Connections++
		want, sound := record.Audit{}, true
		for i, image := range pool {
			verified := rapid.Uint64Range(0, 3).Draw(t, "verified")
			unsettled := rapid.Uint64Range(0, 2).Draw(t, "unsettled")
			saved := verified + rapid.Uint64Range(0, unsettled).Draw(t, "saved of these")
			switch rapid.IntRange(0, 30).Draw(t, "fault") {
			case 0:
				saved += rapid.Uint64Range(1, 3).Draw(t, "more")
			case 1:
				saved -= min(saved, rapid.Uint64Range(1, 3).Draw(t, "fewer"))
			case 2:
				s.save([]byte{byte(i), 1}, 1)
				sound = false
			}
			for n := range verified + unsettled {
				b, at := books[0], i
				if i >= 5 || i >= 3 && rapid.Bool().Draw(t, "from the second source") {
					b, at = books[1], i-3
				}
				b.Sent(at)
				if n < verified {
					b.Verified(at)
				}
			}
			s.save(image, saved)
			sound = sound && saved >= verified && saved <= verified+unsettled
			want.Verified += verified
			want.Unsettled += unsettled
			want.UnsettledSaved += saved - verified
		}
		got := Settle(before, s.now(), 1, books...)
		if (got.Fault == "") != sound {
			t.Fatalf("sound: %v, got fault %q", sound, got.Fault)
		}
		want.Saved = want.Verified + want.UnsettledSaved
		if sound && got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}
