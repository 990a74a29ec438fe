package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// told returns the title in each message that was sent since clear.
func (d *desk) told() []string {
	var titles []string
	for _, m := range d.Sim.Sent()[d.sent:] {
		titles = append(titles, m.Fields["thing1"])
	}
	return titles
}

// TestProgressIsToldOnceADay holds what a digest says, when, and of which
// notices; the inbox has each by itself and at once.
func TestProgressIsToldOnceADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	matter := store.NewID()
	on := func(name, title, matterID, kind string) {
		n := d.notice(name, title)
		n.Event, n.MatterID, n.Values["kind"] = notify.Progress, matterID, kind
		d.Write(func(tx *store.Tx) error { return d.Notify.Tell(tx, n) })
	}
	cases := map[string]struct {
		tell func()
		want string // told to the author
	}{
		"nothing":           {func() {}, "[]"},
		"one says which":    {func() { on(apptest.Author, "修复路灯", store.NewID(), "微建议") }, "[修复路灯]"},
		"two on one matter": {func() { on(apptest.Author, "甲", matter, "微建议"); on(apptest.Author, "乙", matter, "微建议") }, "[乙]"},
		"three say how many": {func() {
			for range 3 {
				on(apptest.Author, "甲", store.NewID(), "微建议")
			}
		}, "[3件微建议有新进展]"},
		"of two kinds": {func() {
			on(apptest.Author, "甲", store.NewID(), "微建议")
			on(apptest.Author, "乙", store.NewID(), "提案")
		}, "[2件事项有新进展]"},
		"another has his own": {func() {
			on(apptest.Author, "甲", store.NewID(), "微建议")
			on(apptest.CoAuthor, "乙", store.NewID(), "微建议")
		}, "[甲 乙]"},
		"what was read is not counted": {func() {
			on(apptest.Author, "甲", matter, "微建议")
			on(apptest.Author, "乙", store.NewID(), "微建议")
			d.Post(apptest.Author, "/v1/inbox/read", map[string]any{"matter_id": matter}).Want(t, http.StatusOK)
		}, "[乙]"},
		"all was read": {func() {
			on(apptest.Author, "甲", matter, "微建议")
			d.Post(apptest.Author, "/v1/inbox/read", map[string]any{"matter_id": matter}).Want(t, http.StatusOK)
		}, "[]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d.at(10, 0)
			d.clear()
			d.allowEvent(apptest.Author, notify.Progress, 2)
			d.allowEvent(apptest.CoAuthor, notify.Progress, 2)
			c.tell()
			rows := len(d.pushes())
			d.drain()
			d.at(17, 29)
			d.drain()
			if n := d.reached(); n != 0 {
				t.Errorf("%d were told before the hour", n)
			}
			d.at(17, 30)
			d.drain()
			got := fmt.Sprint(d.told())
			if got != c.want && (c.want != "[甲 乙]" || got != "[乙 甲]") {
				t.Errorf("told %s, want %s", got, c.want)
			}
			d.drain()
			d.at(17, 31) // of the next hours and days nothing more
			d.at(17, 31)
			d.drain()
			if n := len(d.told()); fmt.Sprint(d.told()) != got {
				t.Errorf("told again: %d", n)
			}
			if s := d.statuses(); s[notify.Held]+s[notify.Queued] != 0 || len(d.pushes()) != rows {
				t.Errorf("the pushes are %v", s)
			}
		})
	}
}

// TestTheHourOfTheDigest holds for another hour, for one within the quiet hours,
// for what comes after the hour, and for a server that was down at it.
func TestTheHourOfTheDigest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fresh := func() {
		d.clear()
		d.allowEvent(apptest.Author, notify.Progress, 5)
	}
	step := func(hour, minute int, want int) {
		t.Helper()
		d.at(hour, minute)
		d.drain()
		if d.reached() != want {
			t.Errorf("at %02d:%02d %d were told, want %d", hour, minute, d.reached(), want)
		}
	}
	tell := func() { d.event(apptest.Author, "修复路灯", notify.Progress) }

	d.set(notify.DigestAt(), `"09:15"`)
	fresh()
	step(8, 0, 0)
	tell()
	step(9, 14, 0)
	step(9, 15, 1)
	tell() // after the hour: tomorrow
	step(17, 30, 1)
	step(9, 14, 1)
	step(9, 15, 2)

	d.set(notify.DigestAt(), `"22:00"`) // in the quiet hours: in the morning
	fresh()
	step(10, 0, 0)
	tell()
	tell()
	step(22, 0, 0)
	step(7, 29, 0)
	step(7, 40, 1)

	d.set(notify.DigestAt(), `"17:30"`) // nobody looks at 17:30
	fresh()
	d.at(16, 0)
	tell()
	d.at(18, 0)
	tell()
	d.drain()
	if got := fmt.Sprint(d.told()); got != "[2件事项有新进展]" {
		t.Errorf("told %s", got)
	}

	fresh() // the setting moves while they wait
	d.at(10, 0)
	tell()
	d.drain()
	d.set(notify.DigestAt(), `"20:00"`)
	step(17, 30, 0)
	step(20, 0, 1)
	for _, bad := range []string{`"25:00"`, `"8:00"`, `""`, `8`, `null`} {
		if _, err := notify.DigestAt().Parse([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// TestTwoServersMakeOneDigest holds for many people at the same hour, batches
// that cut through one person's notices, and both servers at once.
func TestTwoServersMakeOneDigest(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { c.Push.Batch = 3 })
	names := []string{apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.Subject}
	d.at(10, 0)
	for _, name := range names {
		d.allowEvent(name, notify.Progress, 5)
	}
	for range 5 {
		for _, name := range names {
			d.event(name, "修复路灯", notify.Progress)
		}
	}
	second := d.second(t)
	d.at(17, 30)
	var wg sync.WaitGroup
	for _, dispatcher := range []*notify.Dispatcher{d.Dispatcher, second} {
		wg.Go(func() {
			for range 40 {
				if _, err := dispatcher.Once(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	byPerson := map[string]int{}
	for _, m := range d.Sim.Sent() {
		byPerson[m.OpenID]++
		if m.Fields["thing1"] != "5件事项有新进展" {
			t.Errorf("told %q", m.Fields["thing1"])
		}
	}
	for _, name := range names {
		if n := byPerson[d.OpenID(name)]; n != 1 {
			t.Errorf("%s was told %d times", name, n)
		}
	}
	if s := d.statuses(); s[notify.Sent] != 4 || s[notify.Merged] != 16 {
		t.Errorf("the pushes are %v", s)
	}
}

// TestADigestOutlivesWhoMadeIt holds for a server that dies between making the
// digest and sending it: the next one sends the same, once, for one grant.
func TestADigestOutlivesWhoMadeIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allowEvent(apptest.Author, notify.Progress, 3)
	for range 3 {
		d.event(apptest.Author, "修复路灯", notify.Progress)
	}
	d.drain()
	d.at(17, 30)
	dies := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) { panic("died") }),
		notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 8}, slog.New(slog.DiscardHandler))
	func() {
		defer func() { _ = recover() }()
		_, _ = dies.Once(t.Context())
	}()
	d.event(apptest.Author, "后来的", notify.Progress) // for tomorrow
	d.drain()
	if d.reached() != 0 {
		t.Error("the claim of the dead was not respected")
	}
	d.Clock.Advance(time.Minute)
	d.drain()
	if got := fmt.Sprint(d.told()); got != "[3件事项有新进展]" {
		t.Errorf("told %s", got)
	}
	d.at(17, 30)
	d.drain()
	if got := fmt.Sprint(d.told()); got != "[3件事项有新进展 后来的]" {
		t.Errorf("told %s", got)
	}
}
