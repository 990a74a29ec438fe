package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// TestNobodysTelephoneRingsInTheQuietHours holds for the default hours: at which
// minute a push waits, and until when. The inbox has it at once.
func TestNobodysTelephoneRingsInTheQuietHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cases := []struct {
		hour, minute int
		waits        bool
		days         int // to the morning on which it rings
	}{
		{21, 29, false, 0}, {21, 30, true, 1}, {23, 59, true, 1}, {0, 0, true, 0}, {7, 29, true, 0}, {7, 30, false, 0}, {12, 0, false, 0},
	}
	for _, e := range []notify.Event{notify.Reply, notify.Decision, notify.Task, notify.Reminder} {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s at %02d:%02d", e, c.hour, c.minute), func(t *testing.T) {
				d.clear()
				d.allowEvent(apptest.Author, e, 1)
				d.at(c.hour, c.minute)
				n := d.event(apptest.Author, "修复人民路路灯", e)
				now := d.Clock.Now().In(calendar.Beijing())
				d.dispatch(1)
				if got := d.inbox(apptest.Author); got != n.Title {
					t.Errorf("the inbox has %q", got)
				}
				p := d.push()
				if !c.waits {
					if p.Status != notify.Sent {
						t.Errorf("the push is %s", p.Status)
					}
					return
				}
				morning := time.Date(now.Year(), now.Month(), now.Day()+c.days, 7, 30, 0, 0, calendar.Beijing())
				if p.Status != notify.Queued || p.Attempts != 0 || p.OpenID != "" || p.NextAt.Before(morning) || p.NextAt.After(morning.Add(10*time.Minute)) {
					t.Fatalf("the push is %s after %d attempts, due %v; want %v", p.Status, p.Attempts, p.NextAt, morning)
				}
				d.dispatch(0)
				d.Clock.Advance(p.NextAt.Sub(d.Clock.Now()) - time.Second)
				d.dispatch(0)
				d.Clock.Advance(time.Second)
				d.dispatch(1)
				if p := d.push(); p.Status != notify.Sent || p.Attempts != 1 || d.reached() != 1 {
					t.Errorf("the push is %+v", p)
				}
			})
		}
	}
}

// TestTheMorningIsNotOneRing holds that what one person waited for comes one
// after the other, in the order of events, and not everybody's at once.
func TestTheMorningIsNotOneRing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 6)
	d.allow(apptest.CoAuthor, 1)
	d.at(22, 0)
	for n := range 6 {
		d.tell(apptest.Author, fmt.Sprintf("第%d件", n))
		if n%2 == 0 {
			d.drain()
		}
	}
	d.tell(apptest.CoAuthor, "另一人")
	d.drain()
	seconds, last := map[int64]bool{}, time.Time{}
	for _, p := range d.pushes() {
		if seconds[p.NextAt.Unix()] {
			t.Errorf("two pushes are due in the second %v", p.NextAt)
		}
		seconds[p.NextAt.Unix()] = true
		if p.PersonID == d.Person(apptest.Author).ID {
			if p.NextAt.Before(last) {
				t.Error("a later event comes before an earlier one")
			}
			last = p.NextAt
		}
	}
	d.at(7, 30)
	for range 20 * 60 {
		d.Clock.Advance(time.Second)
		if _, err := d.Dispatcher.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	at := map[int64]int{}
	for _, m := range d.Sim.Sent() {
		if m.OpenID == d.OpenID(apptest.Author) {
			at[m.At.Unix()]++
		}
	}
	if got := d.statuses(); got[notify.Sent] != 7 {
		t.Errorf("the pushes are %v", got)
	}
}

// TestAnInstitutionSetsItsQuietHours holds through the route: other hours, none,
// and what is refused. Another institution keeps its own.
func TestAnInstitutionSetsItsQuietHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	put := func(value any) apptest.Answer {
		return d.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "notify.quiet_hours", "value": value})
	}
	for _, bad := range []any{
		nil, "21:30", map[string]any{"from": "21:30"}, map[string]any{"from": "24:00", "to": "07:30"}, map[string]any{"from": "7:30", "to": "08:00"},
		map[string]any{"from": "08:00", "to": "08:00"}, map[string]any{"from": "08:00", "to": "09:00", "on": true},
	} {
		if a := put(bad); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusBadRequest {
			t.Errorf("%v is answered with %d", bad, a.Status)
		}
	}
	cases := []struct {
		name         string
		from, to     string
		hour, minute int
		waits        bool
	}{
		{"none at night", "", "", 23, 0, false},
		{"a rest at noon", "12:30", "14:30", 13, 0, true},
		{"after the rest", "12:30", "14:30", 14, 30, false},
		{"before it", "12:30", "14:30", 12, 29, false},
		{"later at night", "23:00", "06:00", 22, 59, false},
		{"and earlier in the morning", "23:00", "06:00", 5, 59, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d.clear()
			d.allow(apptest.Author, 1)
			put(map[string]any{"from": c.from, "to": c.to}).Want(t, http.StatusOK)
			d.at(c.hour, c.minute)
			d.tell(apptest.Author, "修复人民路路灯")
			d.dispatch(1)
			if waits := d.push().Status == notify.Queued; waits != c.waits {
				t.Errorf("it waits: %t", waits)
			}
		})
	}
	d.clear()
	d.allow(apptest.ForeignMember, 1)
	d.at(23, 30)
	d.tell(apptest.ForeignMember, "邻州的事")
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Queued {
		t.Errorf("another institution's setting holds for it: %s", p.Status)
	}
}

// TestASecondTryWaitsForTheMorningToo holds for a push that the platform was too
// busy for until the quiet hours began; its grant is spent once.
func TestASecondTryWaitsForTheMorningToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 2)
	d.at(21, 29)
	d.Clock.Advance(59 * time.Second)
	d.tell(apptest.Author, "修复人民路路灯")
	busy := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) {
		return notify.Later, -1, errors.New("busy")
	}), notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 8}, slog.New(slog.DiscardHandler))
	if n, err := busy.Once(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	d.Clock.Advance(2 * time.Second)
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Queued || p.Attempts != 1 || p.OpenID == "" {
		t.Errorf("the push is %+v", p)
	}
	d.at(7, 40)
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Sent || p.Attempts != 2 || d.ledger(apptest.Author).Balance != 1 {
		t.Errorf("the push is %+v, the ledger has %s", p, booked(d.ledger(apptest.Author)))
	}
}

// TestWhatWasReadIsNotPushed holds that a message which was read in the evening
// rings no telephone in the morning, and costs no grant.
func TestWhatWasReadIsNotPushed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 1)
	d.at(22, 0)
	d.tell(apptest.Author, "修复人民路路灯")
	d.dispatch(1)
	d.Post(apptest.Author, "/v1/inbox/read", map[string]any{"up_to": store.NewID()}).Want(t, http.StatusOK)
	d.at(8, 0)
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Seen || d.reached() != 0 || d.ledger(apptest.Author).Balance != 1 {
		t.Errorf("the push is %s, %d reached the author, %s", p.Status, d.reached(), booked(d.ledger(apptest.Author)))
	}
}
