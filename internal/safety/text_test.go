package safety_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/institution"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// The platform gets the text that was handed in, with the openid of who did, and
// one that passes is nobody's business.
func TestATextIsCheckedAfterItIsHandedIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("修复路灯", harmless)
	if d.Sim.Calls(simulator.PathCheck) != 0 {
		t.Error("handing in waits for the platform")
	}
	d.want(id, safety.Queued)
	d.step()
	c := d.want(id, safety.Passed)
	if c.TraceID == "" || c.DoneAt == nil {
		t.Errorf("%+v", c)
	}
	got := d.Sim.Checked()
	if len(got) != 1 || got[0].OpenID != d.OpenID(apptest.Author) || got[0].Title != "修复路灯" || strings.TrimSpace(got[0].Content) != harmless || got[0].Scene != 3 {
		t.Errorf("the platform got %+v", got)
	}
	if f := d.reads(apptest.Staff, id); len(f) != 0 {
		t.Errorf("staff are shown %+v", f)
	}
	d.step()
	if d.Sim.Calls(simulator.PathCheck) != 1 {
		t.Error("it was checked twice")
	}
}

// A machine marks, staff decide; the matter goes on meanwhile, and its author
// hears nothing of it.
func TestAMachineMarksAndStaffDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, fine := d.submit("路灯", "有人在灯下赌博，"+harmless), d.submit("路灯", harmless)
	d.step()
	d.want(id, safety.Marked)
	d.want(fine, safety.Passed)

	f := d.reads(apptest.Staff, id)
	if len(f) != 1 || f[0].State != "MARKED" || f[0].Suggest != "risky" || f[0].Label != "违法犯罪" {
		t.Fatalf("staff read %+v", f)
	}
	for _, name := range []string{apptest.Author, apptest.Leader} {
		if f := d.reads(name, id); len(f) != 0 {
			t.Errorf("%s reads %+v", name, f)
		}
	}
	var page struct {
		Items []struct {
			found
			MatterID string `json:"matter_id"`
			Title    string
		}
		Next string
	}
	d.Get(apptest.ProposalStaff, "/v1/checks").Into(t, 200, &page)
	if len(page.Items) != 1 || page.Items[0].MatterID != id || page.Items[0].Title != "路灯" || page.Next != "" {
		t.Errorf("the list is %+v", page)
	}
	d.Get(apptest.ForeignStaff, "/v1/checks").Into(t, 200, &page)
	if len(page.Items) != 0 {
		t.Errorf("another institution reads %+v", page)
	}
	d.Get(apptest.Author, "/v1/checks").Want(t, http.StatusForbidden)

	decide := func(name string, version int64, decision, reason, code string) {
		t.Helper()
		a := d.Post(name, "/v1/checks/"+f[0].ID+"/decide", map[string]any{"version": version, "decision": decision, "reason": reason})
		if a.Code() != code || (code == "") != (a.Status == 200) {
			t.Errorf("%s by %s from %d: %d %s, want %q", decision, name, version, a.Status, a.Body, code)
		}
	}
	decide(apptest.Author, 2, "CLEAR", "我写的没有问题", "request.forbidden")
	decide(apptest.ForeignStaff, 2, "CLEAR", "没有问题", "safety.not_found")
	decide(apptest.Staff, 2, "CLEAR", " ", "request.invalid")
	decide(apptest.Staff, 1, "CLEAR", "没有问题", "safety.stale")
	decide(apptest.Staff, 2, "CLEAR", "说的是治安，没有问题。", "")
	decide(apptest.ProposalStaff, 2, "HOLD", "慢了一步", "safety.stale")
	decide(apptest.ProposalStaff, 3, "CLEAR", "同意", "safety.decided")
	decide(apptest.ProposalStaff, 3, "HOLD", "请作者改一下说法。", "")
	f = d.reads(apptest.Staff, id)
	if len(f) != 1 || f[0].State != "HELD" || len(f[0].Decisions) != 2 || f[0].Decisions[0].Reason != "请作者改一下说法。" ||
		f[0].Decisions[1].Decision != "CLEAR" || f[0].Decisions[1].By != apptest.Staff {
		t.Errorf("staff read %+v", f)
	}
	var n int
	if err := d.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM audit_entries WHERE action = 'check.decide' AND subject_id = ?", f[0].ID).Scan(&n).Error; err != nil || n != 2 {
		t.Errorf("%d entries of the audit, %v; want 2", n, err)
	}
	d.Post(apptest.Staff, "/v1/suggestions/"+id+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"}).Want(t, 200)
}

// What staff hold back other members do not read; its author and the office do.
func TestAHeldTextIsKeptFromOtherMembers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", "有人在灯下赌博，"+harmless)
	d.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE matters SET visibility = 'MEMBERS' WHERE id = ?", id)
		return nil
	})
	d.step()
	read := func(name string, status int) {
		t.Helper()
		d.Get(name, "/v1/suggestions/"+id).Want(t, status)
		var list struct{ Items []struct{ ID string } }
		d.Get(name, "/v1/suggestions").Into(t, 200, &list)
		if (len(list.Items) == 1) != (status == 200) {
			t.Errorf("%s lists %v, reads %d", name, list, status)
		}
	}
	decide := func(decision string) {
		t.Helper()
		f := d.reads(apptest.Staff, id)[0]
		d.Post(apptest.Staff, "/v1/checks/"+f.ID+"/decide", map[string]any{"version": f.Version, "decision": decision, "reason": "看过了。"}).Want(t, 200)
	}
	read(apptest.OtherMember, 200) // a machine alone hides nothing
	decide("HOLD")
	read(apptest.OtherMember, 404)
	read(apptest.Author, 200)
	read(apptest.Leader, 200)
	decide("CLEAR")
	read(apptest.OtherMember, 200)
}

// What an institution has not checked goes nowhere.
func TestASwitchedOffKindGoesNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	set := func(on bool) {
		t.Helper()
		d.Write(func(tx *store.Tx) error {
			return institution.Set(tx, d.Clock.Now(), d.County.ID, d.Checks.Settings()[0], json.RawMessage(strconv.FormatBool(on)))
		})
	}
	set(false)
	id := d.submit("路灯", "有人在灯下赌博，"+harmless)
	d.step()
	if n := len(d.checks(id)); n != 0 || d.Sim.Calls(simulator.PathCheck) != 0 {
		t.Errorf("%d checks, %d calls; want none", n, d.Sim.Calls(simulator.PathCheck))
	}
	set(true)
	d.step()
	if d.Sim.Calls(simulator.PathCheck) != 0 {
		t.Error("what was handed in before was checked")
	}
	again := d.submit("路灯", harmless)
	d.step()
	d.want(again, safety.Passed)
}

// A kind that says nothing of its texts is never checked, and one that is off by
// default only where the institution wants it.
func TestOtherKindsAreOff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", harmless)
	d.step()
	d.Checks.Register(safety.Source{Kind: "opinion", Label: "社情民意", Texts: func(context.Context, store.Conn, []string) (map[string]safety.Text, error) {
		t.Error("the text of an opinion was read")
		return nil, nil //nolint:nilnil // never
	}})
	before := d.Sim.Calls(simulator.PathCheck)
	c, err := d.Accounts.Caller(t.Context(), d.Token(apptest.Author))
	if err != nil {
		t.Fatal(err)
	}
	d.Write(func(tx *store.Tx) error {
		for _, kind := range []string{"opinion", "proposal"} {
			d.Checks.HandText(tx, safety.Handed{InstitutionID: d.County.ID, Kind: kind, MatterID: id, AccountID: c.AccountID}, false)
		}
		return nil
	})
	d.step()
	if d.Sim.Calls(simulator.PathCheck) != before || len(d.checks(id)) != 1 {
		t.Error("another kind was checked")
	}
}

// The platform checks only for who was there within two hours; else the check is
// made at the next visit, or by staff.
func TestACheckWaitsForThePerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", "有人在灯下赌博，"+harmless)
	d.pass(3 * time.Hour)
	d.step()
	if c := d.want(id, safety.Absent); c.ErrorCode != 61010 {
		t.Errorf("the code is %d", c.ErrorCode)
	}
	for range 3 {
		d.pass(time.Hour)
		d.step()
	}
	if n := d.Sim.Calls(simulator.PathCheck); n != 1 {
		t.Errorf("%d calls while nobody is there, want 1", n)
	}
	d.Sim.NewUser(d.OpenID(apptest.Author)) // opens the mini-program
	d.Get(apptest.Author, "/v1/inbox").Want(t, 200)
	d.want(id, safety.Queued)
	d.step()
	d.want(id, safety.Marked)

	late := d.submit("路灯", harmless)
	d.pass(3 * time.Hour)
	d.step()
	d.want(late, safety.Absent)
	d.Login(apptest.Author)
	d.step()
	d.want(late, safety.Passed)
}

// Who never comes back leaves the check to staff.
func TestACheckGoesToStaffInTheEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", harmless)
	d.pass(3 * time.Hour)
	d.step()
	d.pass(44 * time.Hour)
	d.step()
	d.want(id, safety.Absent)
	d.pass(2 * time.Hour)
	d.step()
	d.want(id, safety.Unchecked)
	f := d.reads(apptest.Staff, id)
	if len(f) != 1 || f[0].State != "UNCHECKED" || f[0].Suggest != "" || f[0].Label != "" {
		t.Fatalf("staff read %+v", f)
	}
	var page struct{ Items []found }
	d.Get(apptest.Staff, "/v1/checks?state=UNCHECKED").Into(t, 200, &page)
	if len(page.Items) != 1 {
		t.Errorf("the list is %+v", page)
	}
	d.Post(apptest.Staff, "/v1/checks/"+f[0].ID+"/decide", map[string]any{"version": f[0].Version, "decision": "CLEAR", "reason": "人工看过。"}).Want(t, 200)
	d.want(id, safety.Cleared)
}

// The platform's silence keeps the matter and the check comes later, after a
// growing pause.
func TestThePlatformsSilenceDelaysTheCheck(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]simulator.Fault{
		"busy":               {Code: -1},
		"its quota is used":  {Code: 45009},
		"the token is bad":   {Code: 40001, Times: 2}, // once more than is renewed
		"HTTP 502":           {Status: 502},
		"cut":                {Cut: true},
		"answered too late":  {Delay: 2 * time.Second},
		"done, and then cut": {Cut: true, AfterEffect: true},
		"not allowed":        {Code: 48001},
		"a code of tomorrow": {Code: 12345},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.Sim.Fault(simulator.PathCheck, f)
			id := d.submit("路灯", "有人在灯下赌博，"+harmless)
			d.step()
			first := d.want(id, safety.Queued)
			d.step()
			if n := d.want(id, safety.Queued).Attempts; n != first.Attempts { // the platform counts a late answer late
				t.Errorf("it is asked again at once: %d times", n)
			}
			d.Sim.ClearFaults()
			d.Sim.Fault(simulator.PathCheck, simulator.Fault{Code: -1})
			d.pass(10 * time.Second)
			d.step()
			second := d.want(id, safety.Queued)
			if a, b := first.NextAt.Sub(apptest.Start), second.NextAt.Sub(apptest.Start)-10*time.Second; b <= a {
				t.Errorf("the pauses do not grow: %v, %v", a, b)
			}
			d.Get(apptest.Author, "/v1/suggestions/"+id).Want(t, 200)
			d.pass(time.Minute)
			d.step()
			d.want(id, safety.Marked)
			if log := d.Log.String(); strings.Contains(log, "alarm=true") != slices.Contains([]int{48001, 12345}, f.Code) {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
}

// What cannot be asked goes to staff at once.
func TestAHopelessCheckGoesToStaff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Sim.Fault(simulator.PathCheck, simulator.Fault{Code: 40003})
	id := d.submit("路灯", harmless)
	d.step()
	if c := d.want(id, safety.Unchecked); c.ErrorCode != 40003 {
		t.Errorf("%+v", c)
	}
}

// A long text goes in pieces, and the one in the middle counts.
func TestARiskyPieceInTheMiddleMarksTheText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	long := strings.Repeat("路灯坏了。", 600) + "有人赌博。" + strings.Repeat("路灯坏了。", 900)
	d.Checks.Register(safety.Source{Kind: "report", Label: "长文", Default: true, Texts: func(_ context.Context, _ store.Conn, ids []string) (map[string]safety.Text, error) {
		return map[string]safety.Text{ids[0]: {Title: "长文", Body: long}}, nil
	}})
	id := d.submit("路灯", harmless)
	c, err := d.Accounts.Caller(t.Context(), d.Token(apptest.Author))
	if err != nil {
		t.Fatal(err)
	}
	d.Write(func(tx *store.Tx) error {
		tx.Exec("DELETE FROM checks")
		d.Checks.HandText(tx, safety.Handed{InstitutionID: d.County.ID, Kind: "report", MatterID: id, AccountID: c.AccountID}, false)
		return nil
	})
	d.step()
	d.want(id, safety.Marked)
	got := d.Sim.Checked()
	if len(got) != 2 || got[0].Title != "长文" || strings.Contains(got[0].Content, "赌博") || !strings.Contains(got[1].Content, "赌博") {
		t.Errorf("%d pieces were sent", len(got))
	}
}

// Another text takes the place of the first one, also while that is on its way.
func TestAnotherTextIsCheckedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", "有人在灯下赌博，"+harmless)
	d.step()
	d.want(id, safety.Marked)
	c, err := d.Accounts.Caller(t.Context(), d.Token(apptest.Author))
	if err != nil {
		t.Fatal(err)
	}
	again := func() {
		d.Write(func(tx *store.Tx) error {
			d.Checks.HandText(tx, safety.Handed{InstitutionID: d.County.ID, Kind: "suggestion", MatterID: id, AccountID: c.AccountID}, true)
			return nil
		})
	}
	again()
	if f := d.reads(apptest.Staff, id); len(f) != 0 {
		t.Errorf("staff still read %+v", f)
	}
	// The second text is replaced by a third while the platform has it.
	w := safety.NewWorker(d.Checks, platform(func(safety.Question) safety.Answer {
		again()
		return safety.Answer{Outcome: safety.Judged, Suggest: safety.Risky, Label: 20002}
	}), slog.New(slog.DiscardHandler))
	if _, err := w.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	var states []safety.State
	for _, c := range d.checks(id) {
		states = append(states, c.State)
	}
	if want := []safety.State{safety.Replaced, safety.Replaced, safety.Queued}; !slices.Equal(states, want) {
		t.Errorf("the checks are %v, want %v", states, want)
	}
}

// Several servers ask once.
func TestSeveralWorkersAskOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const n = 30
	var ids []string
	for i := range n {
		ids = append(ids, d.submit(fmt.Sprintf("路灯%d", i), harmless))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 4 {
				if _, err := d.Checker.Step(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		d.want(id, safety.Passed)
	}
	if got := d.Sim.Calls(simulator.PathCheck); got != n {
		t.Errorf("%d calls, want %d", got, n)
	}
}

// A claim that died with its server runs out, and another takes the check up.
func TestAClaimRunsOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit("路灯", harmless)
	ctx, die := context.WithCancel(t.Context())
	w := safety.NewWorker(d.Checks, platform(func(safety.Question) safety.Answer { t.Error("asked"); return safety.Answer{} }), slog.New(slog.DiscardHandler))
	d.Write(func(tx *store.Tx) error { // as claimed, and then gone
		tx.Exec("UPDATE checks SET next_at = ?, attempts = 1", d.Clock.Now().Add(2*time.Minute))
		return nil
	})
	if _, err := w.Step(ctx); err != nil {
		t.Fatal(err)
	}
	die()
	d.pass(3 * time.Minute)
	d.step()
	d.want(id, safety.Passed)
}

// Nothing of a text is in the log, nor in the platform's journal.
func TestNothingOfATextIsLogged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const title, body = "绝密路灯标题", "只该给平台看的一段话，有人在灯下赌博，路灯已坏两周。"
	for _, f := range []simulator.Fault{{Code: -1, Message: "busy: " + title + " " + body}, {Code: 12345, Message: body}, {Cut: true}, {Status: 502}} {
		d.Sim.Fault(simulator.PathCheck, f)
	}
	id := d.submit(title, body)
	for range 5 {
		d.step()
		d.pass(time.Hour / 4)
	}
	d.want(id, safety.Marked)
	log := d.Log.String()
	if !strings.Contains(log, "a check is tried again later") {
		t.Error("the log says nothing of the failures")
	}
	journal := fmt.Sprintf("%+v", d.Sim.Journal())
	for _, piece := range []string{"绝密", "只该给平台看", "赌博", d.OpenID(apptest.Author)} {
		if strings.Contains(log, piece) {
			t.Errorf("the log has %q:\n%s", piece, log)
		}
		if strings.Contains(journal, piece) && !strings.HasPrefix(piece, "openid") {
			t.Errorf("the journal has %q", piece)
		}
	}
}
