package safety_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment"
	"yanlu/internal/safety"
	"yanlu/internal/store"
)

// desk is a world with what tests of checks do in it.
type desk struct{ *apptest.World }

func newDesk(t testing.TB, options ...apptest.Option) *desk {
	t.Helper()
	d := &desk{apptest.New(t, append([]apptest.Option{func(c *config.Config) { c.WeChat.Timeout = 500 * time.Millisecond }}, options...)...)}
	d.Token(apptest.Author)
	d.Sim.Keyword("骗子", "review", 20003)
	d.Sim.Keyword("赌博", "risky", 20006)
	return d
}

const harmless = "人民路中段有六盏路灯已坏两周，晚上行人不便。"

// submit hands a suggestion in as the author, and returns its identifier.
func (d *desk) submit(title, body string) string {
	d.T.Helper()
	var v struct{ ID string }
	d.Post(apptest.Author, "/v1/suggestions", map[string]any{"title": title, "body": body, "category": "CITY"}).Into(d.T, 201, &v)
	return v.ID
}

// step lets the worker look once.
func (d *desk) step() {
	d.T.Helper()
	if _, err := d.Checker.Step(d.T.Context()); err != nil {
		d.T.Fatal(err)
	}
}

// pass turns both clocks: ours and the platform's.
func (d *desk) pass(t time.Duration) {
	d.Clock.Advance(t)
	d.Sim.Advance(t)
}

// checks returns the checks of a matter, the oldest first.
func (d *desk) checks(matterID string) []safety.Check {
	d.T.Helper()
	rows, err := gorm.G[safety.Check](d.DB.Gorm(d.T.Context())).Where("matter_id = ?", matterID).Order("id").Find(d.T.Context())
	if err != nil {
		d.T.Fatal(err)
	}
	return rows
}

// check returns the one check that a matter has.
func (d *desk) check(matterID string) safety.Check {
	d.T.Helper()
	rows := d.checks(matterID)
	if len(rows) != 1 {
		d.T.Fatalf("there are %d checks, want 1", len(rows))
	}
	return rows[0]
}

func (d *desk) want(matterID string, state safety.State) safety.Check {
	d.T.Helper()
	c := d.check(matterID)
	if c.State != state {
		d.T.Fatalf("the check is %s (code %d), want %s", c.State, c.ErrorCode, state)
	}
	return c
}

// found is what the office reads of the checks of a matter.
type found struct {
	ID, State, Suggest, Label string
	Version                   int64
	Decisions                 []struct{ Decision, Reason, By string }
}

// reads returns what somebody reads of a matter's checks.
func (d *desk) reads(name, matterID string) []found {
	d.T.Helper()
	a := d.Get(name, "/v1/suggestions/"+matterID)
	var v struct{ Checks []found }
	a.Into(d.T, 200, &v)
	return v.Checks
}

// platform is a Platform of a test.
type platform func(q safety.Question) safety.Answer

func (p platform) Ask(_ context.Context, q safety.Question) safety.Answer { return p(q) }

// pictures are pictures of a test.
type pictures struct {
	mu      sync.Mutex
	address string
	held    map[string]bool
}

func (p *pictures) Address(id string, valid time.Duration) string {
	if p.address == "" || valid < 30*time.Minute {
		return ""
	}
	return p.address + id
}

func (p *pictures) Hold(_ *store.Tx, id string) { p.set(id, true) }

func (p *pictures) Release(_ *store.Tx, id string) { p.set(id, false) }

func (p *pictures) set(id string, held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[id] = held
}

// gallery is a service with pictures, and a worker with a platform, over the
// database of a desk.
type gallery struct {
	*desk
	s        *safety.Service
	pictures *pictures
	matter   string
}

func newGallery(t testing.TB) *gallery {
	g := &gallery{desk: newDesk(t), pictures: &pictures{address: "https://yanlu.example/f/", held: map[string]bool{}}}
	g.s = safety.New(g.DB, g.pictures, safety.Options{Batch: 20, Lease: time.Minute, Patience: 48 * time.Hour}, g.Clock.Now)
	g.s.Register(safety.Source{Kind: "suggestion", Label: "微建议", Default: true, Texts: func(context.Context, store.Conn, []string) (map[string]safety.Text, error) {
		return nil, nil //nolint:nilnil // there are no texts
	}})
	g.matter = g.submit("路灯", harmless)
	g.Write(func(tx *store.Tx) error {
		tx.Exec("DELETE FROM checks")
		return nil
	})
	return g
}

// hand hands a picture in, and returns its identifier.
func (g *gallery) hand() string {
	g.T.Helper()
	uploader := g.Person(apptest.Author)
	x := attachment.Attachment{
		ID: store.NewID(), InstitutionID: g.County.ID, UploaderID: &uploader.ID, Sort: attachment.Picture, MediaType: attachment.JPEG, Name: "1.jpg",
		Size: 1, MatterID: &g.matter, Purpose: attachment.ForMatter, Ordinal: 1, Public: true, CreatedAt: apptest.Start,
	}
	file := x
	file.ID, file.Sort, file.MediaType = store.NewID(), attachment.File, attachment.PDF
	c, err := g.Accounts.Caller(g.T.Context(), g.Token(apptest.Author))
	if err != nil {
		g.T.Fatal(err)
	}
	g.Write(func(tx *store.Tx) error {
		tx.Insert(&x, &file)
		g.s.HandPictures(tx, g.matter, c.AccountID, []string{x.ID, file.ID}) // a file is no picture
		return nil
	})
	return x.ID
}

// ask lets a worker with a platform look once.
func (g *gallery) ask(p platform) {
	g.T.Helper()
	if _, err := safety.NewWorker(g.s, p, slog.New(slog.NewTextHandler(io.Discard, nil))).Step(g.T.Context()); err != nil {
		g.T.Fatal(err)
	}
}

func (g *gallery) picture(id string) safety.Check {
	g.T.Helper()
	c, err := gorm.G[safety.Check](g.DB.Gorm(g.T.Context())).Where("attachment_id = ?", id).First(g.T.Context())
	if err != nil {
		g.T.Fatal(err)
	}
	return c
}

func (g *gallery) told(v safety.Verdict) {
	g.T.Helper()
	if err := g.s.Told(g.T.Context(), v); err != nil {
		g.T.Fatal(err)
	}
}

// under is a platform that takes every picture under a trace.
func under(trace string) platform {
	return func(q safety.Question) safety.Answer {
		if !strings.HasPrefix(q.Address, "https://yanlu.example/f/") {
			return safety.Answer{Outcome: safety.Broken}
		}
		return safety.Answer{Outcome: safety.Awaited, TraceID: trace}
	}
}
