package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// desk is a world with what tests of pushes do in it.
type desk struct {
	*apptest.World
	config config.Config
	logged int // how much of the log is of cases before
	sent   int // how many of the messages are
}

func newDesk(t testing.TB, options ...apptest.Option) *desk {
	t.Helper()
	d := &desk{}
	d.World = apptest.New(t, append(options, func(c *config.Config) { d.config = *c })...)
	return d
}

// clear takes away what earlier cases of a test left, so that they share a
// world.
func (d *desk) clear() {
	d.T.Helper()
	d.Write(func(tx *store.Tx) error {
		for _, table := range []string{"undelivered", "template_faults", "pushes", "inbox", "grants", "platform_events"} {
			tx.Exec("DELETE FROM " + table)
		}
		return nil
	})
	d.Sim.ClearFaults()
	for _, name := range []string{apptest.Author, apptest.CoAuthor} {
		d.Sim.Grant(d.OpenID(name), apptest.TemplateID, -1000)
	}
	d.logged, d.sent = len(d.Log.String()), len(d.Sim.Sent())
}

// log returns what was logged since clear.
func (d *desk) log() string { return d.Log.String()[d.logged:] }

// reached returns how many messages reached people since clear.
func (d *desk) reached() int { return len(d.Sim.Sent()) - d.sent }

// tell tells a person of a reply, with a title.
func (d *desk) tell(name, title string) {
	d.T.Helper()
	d.Write(func(tx *store.Tx) error { return d.Notify.Tell(tx, d.notice(name, title)) })
}

func (d *desk) notice(name, title string) notify.Notice {
	p := d.Person(name)
	return notify.Notice{
		InstitutionID: p.InstitutionID, People: []string{p.ID}, Event: notify.Reply, MatterID: store.NewID(), Kind: "suggestion",
		Title: title, Body: "请查看并评价。",
		Values: map[string]string{"title": title, "unit": "言城县水利局", "outcome": "已解决", "time": "2026-03-03 10:00"},
	}
}

// allow lets a person, who is bound, consent n times; the ledger knows of it.
func (d *desk) allow(name string, n int) {
	d.T.Helper()
	d.Token(name)
	d.Sim.Grant(d.OpenID(name), apptest.TemplateID, n)
	d.Write(func(tx *store.Tx) error {
		for range n {
			d.Notify.Report(tx, d.OpenID(name), []notify.Consent{{TemplateID: apptest.TemplateID, Accepted: true}})
		}
		return nil
	})
}

// event tells a person of an event.
func (d *desk) event(name, title string, e notify.Event) notify.Notice {
	d.T.Helper()
	n := d.notice(name, title)
	n.Event = e
	d.Write(func(tx *store.Tx) error { return d.Notify.Tell(tx, n) })
	return n
}

// allowEvent lets a person, who is bound, consent n times to an event.
func (d *desk) allowEvent(name string, e notify.Event, n int) {
	d.T.Helper()
	d.Token(name)
	id := "template-" + string(e)
	d.Sim.Grant(d.OpenID(name), id, n)
	d.Write(func(tx *store.Tx) error {
		for range n {
			d.Notify.Report(tx, d.OpenID(name), []notify.Consent{{TemplateID: id, Accepted: true}})
		}
		return nil
	})
}

// at turns the clock forward to a time of the day in Beijing.
func (d *desk) at(hour, minute int) {
	d.T.Helper()
	now := d.Clock.Now().In(calendar.Beijing())
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, calendar.Beijing())
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	d.Clock.Advance(at.Sub(now))
}

// set sets a setting of the county.
func (d *desk) set(s institution.AnySetting, value string) {
	d.T.Helper()
	d.Write(func(tx *store.Tx) error {
		return institution.Set(tx, d.Clock.Now(), d.County.ID, s, json.RawMessage(value))
	})
}

// statuses counts the pushes by status.
func (d *desk) statuses() map[notify.Status]int {
	d.T.Helper()
	n := map[notify.Status]int{}
	for _, p := range d.pushes() {
		n[p.Status]++
	}
	return n
}

// drain lets the dispatcher look until there is nothing to do.
func (d *desk) drain() {
	d.T.Helper()
	for {
		n, err := d.Dispatcher.Once(d.T.Context())
		if err != nil {
			d.T.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// pushes returns every push, the oldest first.
func (d *desk) pushes() []notify.Push {
	d.T.Helper()
	rows, err := gorm.G[notify.Push](d.DB.Gorm(d.T.Context())).Order("id").Find(d.T.Context())
	if err != nil {
		d.T.Fatal(err)
	}
	return rows
}

// push returns the one push that there is.
func (d *desk) push() notify.Push {
	d.T.Helper()
	rows := d.pushes()
	if len(rows) != 1 {
		d.T.Fatalf("there are %d pushes, want 1", len(rows))
	}
	return rows[0]
}

// ledger returns what is booked for a person; the zero Grant where nothing is.
func (d *desk) ledger(name string) notify.Grant {
	d.T.Helper()
	rows, err := gorm.G[notify.Grant](d.DB.Gorm(d.T.Context())).Find(d.T.Context())
	if err != nil {
		d.T.Fatal(err)
	}
	for _, g := range rows {
		if g.OpenID == d.OpenID(name) && g.TemplateID == apptest.TemplateID {
			return g
		}
	}
	return notify.Grant{}
}

// dispatch lets the dispatcher look once, and wants it to take up n.
func (d *desk) dispatch(n int) {
	d.T.Helper()
	if got, err := d.Dispatcher.Once(d.T.Context()); got != n || err != nil {
		d.T.Fatalf("the dispatcher took up %d, %v; want %d", got, err, n)
	}
}

// inbox returns the titles of a person's messages, the newest first.
func (d *desk) inbox(name string) string {
	d.T.Helper()
	var page struct{ Items []struct{ Title string } }
	d.Get(name, "/v1/inbox").Into(d.T, 200, &page)
	var titles []string
	for _, m := range page.Items {
		titles = append(titles, m.Title)
	}
	return strings.Join(titles, ", ")
}

// sender is a Sender of a test.
type sender func(ctx context.Context, l notify.Letter) (notify.Outcome, int, error)

func (s sender) Send(ctx context.Context, l notify.Letter) (notify.Outcome, int, error) {
	return s(ctx, l)
}

// booked writes what a grant has, without its time.
func booked(g notify.Grant) string {
	return fmt.Sprintf("balance %d, hinted %d, confirmed %d", g.Balance, g.Hinted, g.Confirmed)
}
