package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"yanlu/config"
	"yanlu/internal/app"
	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// around reports whether a time is so long after now; the clock of a world goes
// on a little with every look.
func around(got, now time.Time, after time.Duration) bool {
	d := got.Sub(now) - after
	return -time.Millisecond < d && d < time.Millisecond
}

// TestEveryAnswerOfThePlatformHasItsEnd holds, for each way in which a send can
// end, what becomes of the push, of the ledger and of the log.
func TestEveryAnswerOfThePlatformHasItsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fault := func(f simulator.Fault) []simulator.Fault { return []simulator.Fault{f} }
	cases := map[string]struct {
		faults  []simulator.Fault
		status  notify.Status
		code    int
		balance int // of two consents
		reached int
		alarm   bool
	}{
		"it is sent":                          {nil, notify.Sent, 0, 1, 1, false},
		"43101: refused or used up":           {fault(simulator.Fault{Code: 43101}), notify.NoGrant, 43101, 0, 0, false},
		"47003: a field is wrong":             {fault(simulator.Fault{Code: 47003}), notify.Failed, 47003, 2, 0, true},
		"40037: the template is wrong":        {fault(simulator.Fault{Code: 40037}), notify.Failed, 40037, 2, 0, true},
		"41030: the page is wrong":            {fault(simulator.Fault{Code: 41030}), notify.Failed, 41030, 2, 0, true},
		"40003: the openid is wrong":          {fault(simulator.Fault{Code: 40003}), notify.Failed, 40003, 2, 0, true},
		"-1: the platform is busy":            {fault(simulator.Fault{Code: -1}), notify.Queued, -1, 1, 0, false},
		"45009: the quota is used up":         {fault(simulator.Fault{Code: 45009}), notify.Queued, 45009, 1, 0, false},
		"40001: the token was replaced":       {fault(simulator.Fault{Code: 40001}), notify.Sent, 0, 1, 1, false},
		"40001 with a new token too":          {fault(simulator.Fault{Code: 40001, Times: 2}), notify.Queued, 40001, 1, 0, false},
		"a code that nobody knows":            {fault(simulator.Fault{Code: 99999}), notify.Queued, 99999, 1, 0, false},
		"HTTP 500":                            {fault(simulator.Fault{Status: 500}), notify.Queued, 0, 1, 0, false},
		"HTTP 403":                            {fault(simulator.Fault{Status: 403}), notify.Queued, 0, 1, 0, false},
		"the connection is cut":               {fault(simulator.Fault{Cut: true}), notify.Queued, 0, 1, 0, false},
		"the connection is cut after it":      {fault(simulator.Fault{Cut: true, AfterEffect: true}), notify.Queued, 0, 1, 1, false},
		"HTTP 502 after it":                   {fault(simulator.Fault{Status: 502, AfterEffect: true}), notify.Queued, 0, 1, 1, false},
		"busy after the token was renewed":    {[]simulator.Fault{{Code: 42001}, {Code: -1}}, notify.Queued, -1, 1, 0, false},
		"a busy platform that has it already": {fault(simulator.Fault{Code: -1, AfterEffect: true}), notify.Queued, -1, 1, 1, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d.clear()
			d.allow(apptest.Author, 2)
			for _, f := range c.faults {
				d.Sim.Fault(simulator.PathSend, f)
			}
			d.tell(apptest.Author, "修复人民路路灯")
			before := d.Clock.Now()
			d.dispatch(1)
			p := d.push()
			if p.Status != c.status || p.ErrorCode != c.code || p.Attempts != 1 {
				t.Errorf("the push is %s with code %d after %d attempts, want %s with %d", p.Status, p.ErrorCode, p.Attempts, c.status, c.code)
			}
			if p.OpenID != d.OpenID(apptest.Author) || p.TemplateID != apptest.TemplateID {
				t.Errorf("the push is for %s and %s", p.OpenID, p.TemplateID)
			}
			if final := c.status != notify.Queued; final != (p.DoneAt != nil) {
				t.Errorf("it is %s and done at %v", p.Status, p.DoneAt)
			}
			if g := d.ledger(apptest.Author); g.Balance != c.balance {
				t.Errorf("the ledger has %d, want %d", g.Balance, c.balance)
			}
			if n := d.reached(); n != c.reached {
				t.Errorf("%d messages reached the author, want %d", n, c.reached)
			}
			if alarm := strings.Contains(d.log(), "alarm=true"); alarm != c.alarm {
				t.Errorf("the alarm is %t, want %t:\n%s", alarm, c.alarm, d.log())
			}
			if c.status == notify.Queued {
				if !around(p.NextAt, before, 2*time.Second) {
					t.Errorf("it is tried again after %v, want 2 s", p.NextAt.Sub(before))
				}
				if !strings.Contains(d.log(), "tried again") {
					t.Errorf("the log says nothing of it: %s", d.log())
				}
			}
			d.dispatch(0) // neither now
			if c.status != notify.Queued {
				d.Clock.Advance(48 * time.Hour)
				d.dispatch(0) // nor ever
			}
			if n := d.reached(); n > 1 {
				t.Errorf("one event was told %d times", n)
			}
			if strings.Contains(d.log(), d.OpenID(apptest.Author)) || strings.Contains(d.log(), "人民路") {
				t.Errorf("the log has an openid or a title: %s", d.log())
			}
		})
	}
}

// TestAPushIsTriedAgainUntilItIsSent holds that one grant is spent however
// often it is tried, and that the inbox has the message once.
func TestAPushIsTriedAgainUntilItIsSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 2)
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Code: -1})
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Status: 503})
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Cut: true})
	d.tell(apptest.Author, "修复人民路路灯")
	for n := range 4 {
		d.dispatch(1)
		if n < 3 {
			wait := time.Second << (n + 1)
			d.Clock.Advance(wait - time.Second)
			d.dispatch(0)
			d.Clock.Advance(time.Second)
		}
	}
	if p := d.push(); p.Status != notify.Sent || p.Attempts != 4 || p.ErrorCode != 0 {
		t.Errorf("the push is %+v", p)
	}
	if g := d.ledger(apptest.Author); g.Balance != 1 || d.reached() != 1 || d.Sim.Grants(d.OpenID(apptest.Author), apptest.TemplateID) != 1 {
		t.Errorf("the ledger has %d, %d reached the author", g.Balance, d.reached())
	}
	if got := d.inbox(apptest.Author); got != "修复人民路路灯" {
		t.Errorf("the inbox has %q", got)
	}
}

// TestAnAnswerThatWasLostTellsNobodyTwice holds where the consent that was
// spent was the last one: the platform says so, and the push ends.
func TestAnAnswerThatWasLostTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 1)
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Cut: true, AfterEffect: true})
	d.tell(apptest.Author, "修复人民路路灯")
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Queued {
		t.Fatalf("the push is %+v", p)
	}
	d.Clock.Advance(2 * time.Second)
	d.dispatch(1)
	if p := d.push(); p.Status != notify.NoGrant || p.ErrorCode != 43101 || d.reached() != 1 || d.ledger(apptest.Author).Balance != 0 {
		t.Errorf("the push is %+v, %d reached the author, the ledger has %v", p, d.reached(), booked(d.ledger(apptest.Author)))
	}
}

// TestAPlatformThatIsTooSlowIsTriedAgain holds for an answer that does not come
// within the time-out.
func TestAPlatformThatIsTooSlowIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { c.WeChat.Timeout = 500 * time.Millisecond })
	d.allow(apptest.Author, 1)
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Delay: time.Minute})
	d.tell(apptest.Author, "修复人民路路灯")
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Queued || p.ErrorCode != 0 {
		t.Fatalf("the push is %+v", p)
	}
	for p := d.push(); p.Status == notify.Queued && p.Attempts < 5; p = d.push() { // a busy machine may be too slow itself
		d.Clock.Advance(time.Minute)
		d.dispatch(1)
	}
	if p := d.push(); p.Status != notify.Sent || d.reached() != 1 {
		t.Errorf("the push is %+v, %d reached the author", p, d.reached())
	}
}

// TestAPushIsGivenUpAfterTooManyAttempts holds the growing delays on the way.
func TestAPushIsGivenUpAfterTooManyAttempts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { c.Push.MaxAttempts = 14 })
	d.allow(apptest.Author, 3)
	d.Sim.Fault(simulator.PathSend, simulator.Fault{Code: 45009, Times: 100})
	d.tell(apptest.Author, "修复人民路路灯")
	for n := 1; n < 14; n++ {
		before := d.Clock.Now()
		d.dispatch(1)
		want := min(time.Second<<n, time.Hour)
		if p := d.push(); p.Status != notify.Queued || p.Attempts != n || !around(p.NextAt, before, want) {
			t.Fatalf("after %d attempts: %s, %d, again after %v, want %v", n, p.Status, p.Attempts, p.NextAt.Sub(before), want)
		}
		d.Clock.Advance(want)
	}
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Failed || p.Attempts != 14 || p.ErrorCode != 45009 || p.DoneAt == nil {
		t.Errorf("the push is %+v", p)
	}
	if !strings.Contains(d.log(), "given up") || strings.Contains(d.log(), "alarm=true") {
		t.Errorf("the log: %s", d.log())
	}
	if d.ledger(apptest.Author).Balance != 2 {
		t.Errorf("the ledger has %s, want one spent", booked(d.ledger(apptest.Author)))
	}
	d.Clock.Advance(48 * time.Hour)
	d.dispatch(0)
}

// TestTheDelayNeverRunsOver holds for every number of attempts that may be
// configured, up to a hundred.
func TestTheDelayNeverRunsOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 1)
	d.tell(apptest.Author, "修复人民路路灯")
	busy := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) {
		return notify.Later, -1, errors.New("busy")
	}), notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 100}, slog.New(slog.DiscardHandler))
	for _, attempt := range []int{1, 11, 12, 32, 33, 34, 35, 62, 63, 64, 65, 99} {
		before := d.Clock.Now()
		d.Write(func(tx *store.Tx) error {
			tx.Exec("UPDATE pushes SET attempts = ?, next_at = ?", attempt-1, before)
			return nil
		})
		if n, err := busy.Once(t.Context()); n != 1 || err != nil {
			t.Fatalf("took up %d, %v", n, err)
		}
		want := time.Hour
		if attempt < 12 {
			want = time.Second << attempt
		}
		if p := d.push(); p.Attempts != attempt || !around(p.NextAt, before, want) {
			t.Errorf("after %d attempts it is tried again after %v, want %v", p.Attempts, p.NextAt.Sub(before), want)
		}
	}
}

// TestTheInboxHasWhatCannotBePushed holds for people who are not bound and for
// those who allowed nothing: no call is made for them.
func TestTheInboxHasWhatCannotBePushed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cases := map[string]struct {
		bound  bool
		status notify.Status
	}{
		"nobody's telephone": {false, notify.NotBound},
		"nothing is allowed": {true, notify.NoGrant},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d.clear()
			who := apptest.CoAuthor
			if c.bound {
				who = apptest.Author
				d.Token(who)
				d.Sim.Grant(d.OpenID(who), apptest.TemplateID, 5) // which the ledger does not know
			}
			d.tell(who, "修复人民路路灯")
			d.dispatch(1)
			if p := d.push(); p.Status != c.status || p.ErrorCode != 0 || p.DoneAt == nil || p.OpenID != "" {
				t.Errorf("the push is %+v", p)
			}
			if n := d.Sim.Calls(simulator.PathSend); n != 0 {
				t.Errorf("%d calls were made", n)
			}
			d.Clock.Advance(time.Hour)
			d.dispatch(0)
			if got := d.inbox(who); got != "修复人民路路灯" {
				t.Errorf("the inbox has %q", got)
			}
		})
	}
}

// TestOnlyEventsWithATemplateArePushed holds that others go to the inbox alone,
// and that a push whose template was taken out of the configuration ends.
func TestOnlyEventsWithATemplateArePushed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { delete(c.WeChat.Templates, "task") })
	d.allow(apptest.Author, 1)
	n := d.notice(apptest.Author, "有新的交办件")
	n.Event = notify.Task
	d.Write(func(tx *store.Tx) error { return d.Notify.Tell(tx, n) })
	if got := len(d.pushes()); got != 0 {
		t.Errorf("%d pushes of an event without a template", got)
	}
	if got := d.inbox(apptest.Author); got != n.Title {
		t.Errorf("the inbox has %q", got)
	}
	d.tell(apptest.Author, "修复人民路路灯")
	d.Write(func(tx *store.Tx) error { tx.Exec("UPDATE pushes SET event = 'gone'"); return nil })
	d.dispatch(1)
	if p := d.push(); p.Status != notify.NoTemplate || d.ledger(apptest.Author).Balance != 1 {
		t.Errorf("the push is %+v, the ledger has %s", p, booked(d.ledger(apptest.Author)))
	}
}

// TestWhatIsRolledBackIsNotTold holds that inbox and push are written with the
// event, or neither is, and that texts are cut to what the columns hold.
func TestWhatIsRolledBackIsNotTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.DB.Tx(t.Context(), func(tx *store.Tx) error {
		return errors.Join(d.Notify.Tell(tx, d.notice(apptest.Author, "修复人民路路灯")), errors.New("the act failed"))
	})
	if err == nil || len(d.pushes()) != 0 || d.inbox(apptest.Author) != "" {
		t.Errorf("of an act that failed are told %d pushes, %q", len(d.pushes()), d.inbox(apptest.Author))
	}
	d.tell(apptest.Author, strings.Repeat("灯", 101))
	if got, want := d.inbox(apptest.Author), strings.Repeat("灯", 99)+"…"; got != want {
		t.Errorf("a long title became %q", got)
	}
}

// second returns a dispatcher of another server on the same database. A SQLite
// file has one server, so there it is a second one of the same.
func (d *desk) second(t *testing.T) *notify.Dispatcher {
	t.Helper()
	if !d.DB.Postgres() {
		t.Log("SQLite has one server: its second dispatcher is of the same")
		return d.Dispatcher
	}
	other, err := app.Build(t.Context(), app.Settings{
		Config: d.config, Log: slog.New(slog.NewTextHandler(d.Log, nil)), Now: d.Clock.Now, PlatformURL: d.Sim.URL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	return other.Dispatcher
}

// TestTwoDispatchersSendEachPushOnce holds for two servers on one database.
func TestTwoDispatchersSendEachPushOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { c.Push.Batch = 3 })
	const many = 40
	d.allow(apptest.Author, many)
	for n := range many {
		d.tell(apptest.Author, fmt.Sprintf("第%d件", n))
	}
	var wg sync.WaitGroup
	for _, dispatcher := range []*notify.Dispatcher{d.Dispatcher, d.second(t)} {
		wg.Go(func() {
			for {
				n, err := dispatcher.Once(t.Context())
				if err != nil {
					t.Error(err)
				}
				if n == 0 || err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	titles := map[string]int{}
	for _, m := range d.Sim.Sent() {
		titles[m.Fields["thing1"]]++
	}
	for title, n := range titles {
		if n > 1 {
			t.Errorf("%s was told %d times", title, n)
		}
	}
	if len(titles) != many {
		t.Errorf("%d of %d were told", len(titles), many)
	}
	for _, p := range d.pushes() {
		if p.Status != notify.Sent || p.Attempts != 1 {
			t.Errorf("a push is %s after %d attempts", p.Status, p.Attempts)
		}
	}
	if g := d.ledger(apptest.Author); g.Balance != 0 {
		t.Errorf("the ledger has %s", booked(g))
	}
}

// TestAPushOfOneWhoDiedIsTakenUpAgain holds that a claim keeps others off until
// its lease ends, and that the grant of the first try is not spent again.
func TestAPushOfOneWhoDiedIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 1)
	d.tell(apptest.Author, "修复人民路路灯")
	o := notify.DispatchOptions{Batch: 20, Lease: d.config.Push.Lease, MaxAttempts: 8}
	dies := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) { panic("died") }), o, slog.New(slog.DiscardHandler))
	before := d.Clock.Now()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it did not die")
			}
		}()
		_, _ = dies.Once(t.Context())
	}()
	if p := d.push(); p.Status != notify.Queued || p.Attempts != 1 || !around(p.NextAt, before, o.Lease) || d.ledger(apptest.Author).Balance != 0 {
		t.Errorf("what was left: %+v, %s", p, booked(d.ledger(apptest.Author)))
	}
	d.dispatch(0)
	d.Clock.Advance(o.Lease - time.Second)
	d.dispatch(0)
	d.Clock.Advance(time.Second)
	d.dispatch(1)
	if p := d.push(); p.Status != notify.Sent || p.Attempts != 2 || d.reached() != 1 || d.ledger(apptest.Author).Balance != 0 {
		t.Errorf("the push is %+v, %d reached the author", p, d.reached())
	}
}

// TestAServerThatStopsFinishesTheMessageOnItsWay holds that what was sent is
// booked although the context has ended, and the rest is left for later.
func TestAServerThatStopsFinishesTheMessageOnItsWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 2)
	d.tell(apptest.Author, "第一件")
	d.tell(apptest.Author, "第二件")
	ctx, cancel := context.WithCancel(t.Context())
	stops := notify.NewDispatcher(d.Notify, sender(func(ctx context.Context, _ notify.Letter) (notify.Outcome, int, error) {
		cancel()
		return notify.Delivered, 0, ctx.Err()
	}), notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 8}, slog.New(slog.DiscardHandler))
	if n, err := stops.Once(ctx); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("it took up %d, %v; want 1 and the end of the context", n, err)
	}
	if n, err := stops.Once(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("afterwards it took up %d, %v", n, err)
	}
	sent, waits := 0, 0
	for _, p := range d.pushes() {
		if p.Status == notify.Sent {
			sent++
		}
		if p.Status == notify.Queued && p.OpenID == "" {
			waits++
		}
	}
	if sent != 1 || waits != 1 {
		t.Errorf("the pushes are %+v", d.pushes())
	}
	d.Clock.Advance(time.Minute)
	d.dispatch(1)
	if p := d.pushes(); p[0].Status != notify.Sent || p[1].Status != notify.Sent || d.ledger(apptest.Author).Balance != 0 {
		t.Errorf("the pushes are %+v, the ledger has %s", p, booked(d.ledger(apptest.Author)))
	}
}

// TestNothingIsSentUnderAClaimThatRanOut holds that a slow platform leaves the
// rest of a batch to whoever claims it next.
func TestNothingIsSentUnderAClaimThatRanOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow(apptest.Author, 3)
	for n := range 3 {
		d.tell(apptest.Author, fmt.Sprintf("第%d件", n))
	}
	slow := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) {
		d.Clock.Advance(40 * time.Second)
		return notify.Delivered, 0, nil
	}), notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 8}, slog.New(slog.DiscardHandler))
	if n, err := slow.Once(t.Context()); n != 1 || err != nil {
		t.Errorf("it took up %d, %v; want 1", n, err)
	}
	d.dispatch(0)
	d.Clock.Advance(time.Minute)
	d.dispatch(2)
	if g := d.ledger(apptest.Author); g.Balance != 0 || d.reached() != 2 {
		t.Errorf("the ledger has %s, %d reached the author", booked(g), d.reached())
	}
}

// TestTheDispatcherSendsUntilItIsStopped holds that Run sends what comes while
// it runs, and returns when its context ends.
func TestTheDispatcherSendsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { c.Push.Batch = 2 })
	d.allow(apptest.Author, 5)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { d.Dispatcher.Run(ctx); close(stopped) }()
	for n := range 5 {
		d.tell(apptest.Author, fmt.Sprintf("第%d件", n))
	}
	for until := time.Now().Add(20 * time.Second); d.reached() < 5 && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	<-stopped
	if d.reached() != 5 {
		t.Errorf("%d of 5 reached the author", d.reached())
	}
}
