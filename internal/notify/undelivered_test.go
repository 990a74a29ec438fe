package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

type undelivered struct {
	ID, Name, Phone, Event, Title, Reason, Note string
	ReasonLabel                                 string     `json:"reason_label"`
	ToldBy                                      string     `json:"told_by"`
	ToldAt                                      *time.Time `json:"told_at"`
}

// lines returns the list as somebody of the staff sees it.
func (d *desk) lines(name, query string) []undelivered {
	d.T.Helper()
	var page struct{ Items []undelivered }
	d.Get(name, "/v1/undelivered"+query).Into(d.T, http.StatusOK, &page)
	return page.Items
}

// ripen does the job of a round, and says how many lines the badge shows.
func (d *desk) ripen() int {
	d.T.Helper()
	if more, err := d.Notify.Ripen(d.T.Context()); more || err != nil {
		d.T.Fatal(more, err)
	}
	var count struct{ Open int }
	d.Get(apptest.Staff, "/v1/undelivered/count").Into(d.T, http.StatusOK, &count)
	return count.Open
}

// TestWhoCouldNotBeToldStandsOnTheList holds, for every way in which a push can
// end, when a line comes, and what it says.
func TestWhoCouldNotBeToldStandsOnTheList(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { delete(c.WeChat.Templates, "decision"); c.Push.MaxAttempts = 1 })
	for _, name := range []string{apptest.Author, apptest.CoAuthor} {
		d.Token(name)
	}
	cases := map[string]struct {
		who    string
		event  notify.Event
		grants int
		fault  int
		at     int // days after which it stands there; -1: never
		reason string
		label  string
	}{
		"nobody's telephone":       {apptest.Subject, notify.Reply, 0, 0, 0, "NOT_BOUND", "没有绑定微信"},
		"no consent":               {apptest.Author, notify.Reply, 0, 0, 2, "NO_GRANT", "没有允许接收微信消息，或允许的次数已用完"},
		"refused":                  {apptest.Author, notify.Reply, 1, 43101, 2, "NO_GRANT", "没有允许接收微信消息，或允许的次数已用完"},
		"a broken template":        {apptest.Author, notify.Reply, 1, 47003, 2, "FAILED", "字段与微信后台的模板不一致（47003）"},
		"a busy platform":          {apptest.Author, notify.Reply, 1, 45009, 2, "FAILED", "多次重试未成功（45009）"},
		"no template":              {apptest.Author, notify.Decision, 0, 0, 2, "NO_TEMPLATE", "没有配置微信消息模板"},
		"no template and unbound":  {apptest.Subject, notify.Decision, 0, 0, 0, "NOT_BOUND", "没有绑定微信"},
		"sent":                     {apptest.Author, notify.Reply, 1, 0, -1, "", ""},
		"a task that died":         {apptest.LeadHandler, notify.Task, 1, 47003, 2, "FAILED", "字段与微信后台的模板不一致（47003）"},
		"a reminder that died":     {apptest.Staff, notify.Reminder, 1, 45009, 2, "FAILED", "多次重试未成功（45009）"},
		"progress that died":       {apptest.Author, notify.Progress, 1, 40003, 2, "FAILED", "微信不认识对方的账号（40003）"},
		"a task without consent":   {apptest.LeadHandler, notify.Task, 1, 43101, -1, "", ""},
		"progress matters less":    {apptest.Subject, notify.Progress, 0, 0, -1, "", ""},
		"work is in the work list": {apptest.Subject, notify.Task, 0, 0, -1, "", ""},
		"as are reminders":         {apptest.Subject, notify.Reminder, 0, 0, -1, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d.at(10, 0)
			d.clear()
			if c.grants > 0 {
				d.allowEvent(c.who, c.event, c.grants)
			}
			if c.fault != 0 {
				d.Sim.Fault(simulator.PathSend, simulator.Fault{Code: c.fault})
			}
			n := d.event(c.who, "修复人民路路灯", c.event)
			d.drain()
			for day := range 4 {
				want := 0
				if c.at >= 0 && day >= c.at {
					want = 1
				}
				if got := d.ripen(); got != want {
					t.Fatalf("after %d days the badge shows %d, want %d", day, got, want)
				}
				lines := d.lines(apptest.ProposalStaff, "")
				if len(lines) != want {
					t.Fatalf("after %d days there are %d lines", day, len(lines))
				}
				if want == 1 {
					l := lines[0]
					if l.Name != c.who || l.Phone != d.Phone(c.who) || l.Title != n.Title || l.Event != string(c.event) || l.Reason != c.reason || !strings.Contains(l.ReasonLabel, c.label) {
						t.Errorf("the line is %+v", l)
					}
				}
				if got := d.lines(apptest.ForeignStaff, ""); len(got) != 0 {
					t.Errorf("another institution sees %+v", got)
				}
				d.Clock.Advance(24 * time.Hour)
				d.drain()
			}
		})
	}
}

// TestReadingTakesALineAway holds however the message is read, before or after
// its time, and also while the push is on its way.
func TestReadingTakesALineAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Token(apptest.Author)
	var n notify.Notice
	ways := map[string]func(){
		"one": func() {
			var m notify.Message
			if err := d.DB.Gorm(t.Context()).Where("matter_id = ?", n.MatterID).First(&m).Error; err != nil {
				t.Fatal(err)
			}
			d.Post(apptest.Author, "/v1/inbox/"+m.ID+"/read", nil).Want(t, http.StatusOK)
		},
		"all": func() {
			d.Post(apptest.Author, "/v1/inbox/read", map[string]any{"up_to": store.NewID()}).Want(t, http.StatusOK)
		},
		"the matter": func() {
			d.Post(apptest.Author, "/v1/inbox/read", map[string]any{"matter_id": n.MatterID}).Want(t, http.StatusOK)
		},
	}
	for name, read := range ways {
		for _, days := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s after %d days", name, days), func(t *testing.T) {
				d.at(10, 0)
				d.clear()
				n = d.event(apptest.Author, "修复人民路路灯", notify.Reply)
				d.drain()
				d.Clock.Advance(time.Duration(days) * 24 * time.Hour)
				before := d.ripen()
				read()
				if got := d.ripen(); got != 0 || (before == 1) != (days == 3) {
					t.Errorf("the badge shows %d, before %d", got, before)
				}
				d.Clock.Advance(72 * time.Hour)
				if got := d.ripen(); got != 0 {
					t.Errorf("later the badge shows %d", got)
				}
			})
		}
	}
	t.Run("while the push is on its way", func(t *testing.T) {
		d.clear()
		d.allow(apptest.Author, 1)
		n = d.event(apptest.Author, "修复人民路路灯", notify.Reply)
		slow := notify.NewDispatcher(d.Notify, sender(func(context.Context, notify.Letter) (notify.Outcome, int, error) {
			ways["all"]()
			return notify.Refused, 43101, errors.New("refused")
		}), notify.DispatchOptions{Batch: 20, Lease: time.Minute, MaxAttempts: 8}, slog.New(slog.DiscardHandler))
		if _, err := slow.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(72 * time.Hour)
		if got := d.ripen(); got != 0 {
			t.Errorf("the badge shows %d", got)
		}
	})
}

// TestACallIsKept holds who told whom, when and with what note, that it is done
// once, and that nobody else of another institution may.
func TestACallIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.event(apptest.Subject, "修复人民路路灯", notify.Reply)
	d.event(apptest.Subject, "疏通东渠", notify.Decision)
	d.drain()
	lines := d.lines(apptest.Staff, "?event=reply&reason=NOT_BOUND")
	if len(lines) != 1 || len(d.lines(apptest.Staff, "?event=decision")) != 1 || len(d.lines(apptest.Staff, "?reason=FAILED")) != 0 || len(d.lines(apptest.Staff, "")) != 2 {
		t.Fatalf("the lines are %+v", lines)
	}
	path := "/v1/undelivered/" + lines[0].ID
	if a := d.Post(apptest.ForeignStaff, path+"/told", map[string]any{}); a.Code() != "notify.not_waiting" {
		t.Errorf("another institution: %s", a.Body)
	}
	if a := d.Post(apptest.Author, path+"/told", map[string]any{}); a.Status != http.StatusForbidden {
		t.Errorf("a member: %s", a.Body)
	}
	if a := d.Post(apptest.Staff, path+"/told", map[string]any{"note": strings.Repeat("字", 201)}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a long note: %d", a.Status)
	}
	before := d.Clock.Now()
	call := apptest.Call{Method: http.MethodPost, Path: path + "/told", Token: d.Token(apptest.Staff), Key: "call-0001", Body: map[string]any{"note": "本人接听，已知晓。"}}
	for range 2 { // the phone sends it again
		d.Send(call).Want(t, http.StatusOK)
	}
	if a := d.Post(apptest.ProposalStaff, path+"/told", map[string]any{}); a.Code() != "notify.not_waiting" {
		t.Errorf("a colleague a second time: %s", a.Body)
	}
	if a := d.Post(apptest.ProposalStaff, path+"/resend", map[string]any{}); a.Code() != "notify.not_waiting" {
		t.Errorf("sent again after the call: %s", a.Body)
	}
	if got := d.ripen(); got != 1 {
		t.Errorf("the badge shows %d", got)
	}
	told := d.lines(apptest.ProposalStaff, "?state=told")
	if len(told) != 1 || told[0].ToldBy != apptest.Staff || told[0].Note != "本人接听，已知晓。" || told[0].ToldAt == nil || told[0].ToldAt.Before(before) || told[0].Phone != "" {
		t.Errorf("kept is %+v", told)
	}
}

// TestEveryLookAtANumberLeavesATrace holds that each person of a page is named,
// that those who were told are shown without a number, and that the audit itself
// has none.
func TestEveryLookAtANumberLeavesATrace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.event(apptest.Subject, "修复人民路路灯", notify.Reply)
	d.event(apptest.LostPhone, "疏通东渠", notify.Reply)
	d.drain()
	looks := func() []string {
		var ids []string
		if err := d.DB.Gorm(t.Context()).Raw("SELECT subject_id FROM audit_entries WHERE action = 'undelivered.list' AND subject_id IS NOT NULL ORDER BY id").Scan(&ids).Error; err != nil {
			t.Fatal(err)
		}
		return ids
	}
	d.lines(apptest.Staff, "?limit=1")
	if got := looks(); !slices.Equal(got, []string{d.Person(apptest.Subject).ID}) {
		t.Errorf("a page of one left %v", got)
	}
	d.lines(apptest.Staff, "")
	if got := looks(); len(got) != 3 || got[2] != d.Person(apptest.LostPhone).ID {
		t.Errorf("a page of two left %v", got)
	}
	d.lines(apptest.Staff, "?state=told")
	d.lines(apptest.ForeignStaff, "")
	d.Get(apptest.Author, "/v1/undelivered").Want(t, http.StatusForbidden)
	if got := looks(); len(got) != 3 {
		t.Errorf("what shows no number left %v", got)
	}
	if strings.Contains(d.Log.String(), d.Phone(apptest.Subject)) {
		t.Error("the log has a number")
	}
}

// TestALineIsSentAgain holds for who is bound since then: the line leaves the
// list, and comes back at once where it was in vain.
func TestALineIsSentAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.event(apptest.LostPhone, "修复人民路路灯", notify.Reply)
	d.drain()
	line := d.lines(apptest.Staff, "")[0]
	again := func() apptest.Answer { return d.Post(apptest.Staff, "/v1/undelivered/"+line.ID+"/resend", nil) }
	if a := again(); a.Code() != "notify.unbound" || a.Status != http.StatusConflict || !strings.Contains(string(a.Body), "还没有绑定微信") {
		t.Fatalf("who is not bound: %s", a.Body)
	}
	d.Token(apptest.LostPhone) // binds
	again().Want(t, http.StatusOK)
	if got := d.ripen(); got != 0 {
		t.Errorf("while it is on its way the badge shows %d", got)
	}
	d.drain()
	if lines := d.lines(apptest.Staff, ""); len(lines) != 1 || lines[0].Reason != "NO_GRANT" || lines[0].ID != line.ID {
		t.Errorf("in vain: %+v", lines)
	}
	d.allow(apptest.LostPhone, 1)
	again().Want(t, http.StatusOK)
	d.drain()
	if got := d.ripen(); got != 0 || d.reached() != 1 || d.push().Status != notify.Sent {
		t.Errorf("the badge shows %d, %d reached, the push is %s", got, d.reached(), d.push().Status)
	}
	if a := again(); a.Code() != "notify.not_waiting" {
		t.Errorf("a third time: %s", a.Body)
	}
}

// TestALineWithoutATemplateIsNotSentAgain holds that staff are told why.
func TestALineWithoutATemplateIsNotSentAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) { delete(c.WeChat.Templates, "reply") })
	d.Token(apptest.Author)
	d.event(apptest.Author, "修复人民路路灯", notify.Reply)
	d.drain()
	d.Clock.Advance(48 * time.Hour)
	d.ripen()
	if a := d.Post(apptest.Staff, "/v1/undelivered/"+d.lines(apptest.Staff, "")[0].ID+"/resend", nil); a.Code() != "notify.no_template" {
		t.Errorf("%s", a.Body)
	}
}

// TestABrokenTemplateAlarmsOnce holds for many pushes with it and two servers,
// that administrators see it, and that a message which is sent clears it.
func TestABrokenTemplateAlarmsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	second := d.second(t)
	broken := func() string {
		var count struct {
			Broken []struct{ Event, Reason string }
		}
		d.Get(apptest.Admin, "/v1/undelivered/count").Into(t, http.StatusOK, &count)
		return fmt.Sprint(count.Broken)
	}
	for round := range 2 {
		d.allow(apptest.Author, 8)
		d.Sim.Fault(simulator.PathSend, simulator.Fault{Code: 47003, Times: 8})
		before := strings.Count(d.Log.String(), "alarm=true")
		for range 8 {
			d.tell(apptest.Author, "修复人民路路灯")
		}
		for range 4 {
			for _, dispatcher := range []*notify.Dispatcher{d.Dispatcher, second} {
				if _, err := dispatcher.Once(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := strings.Count(d.Log.String(), "alarm=true") - before; n != 1 {
			t.Errorf("round %d: %d alarms", round, n)
		}
		if got := broken(); !strings.Contains(got, "reply 微信不接受这个消息模板：字段与微信后台的模板不一致（47003）") {
			t.Errorf("administrators see %s", got)
		}
		d.Sim.ClearFaults()
		d.tell(apptest.Author, "修好了")
		d.drain()
		if got := broken(); got != "[]" {
			t.Errorf("after a message was sent administrators see %s", got)
		}
	}
	d.Get(apptest.Author, "/v1/undelivered/count").Want(t, http.StatusForbidden)
}

// TestSeveralServersOpenALineOnce holds for the job on several servers, for more
// lines than a step takes, and for calls that several make at once.
func TestSeveralServersOpenALineOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Token(apptest.Author)
	const many = 510
	p, now := d.Person(apptest.Author), d.Clock.Now()
	d.Write(func(tx *store.Tx) error {
		for range many {
			m := notify.Message{ID: store.NewID(), InstitutionID: p.InstitutionID, PersonID: p.ID, Event: notify.Reply, MatterID: store.NewID(), Kind: "suggestion", CreatedAt: now}
			tx.Insert(&m, &notify.Undelivered{
				ID: store.NewID(), InstitutionID: p.InstitutionID, PersonID: p.ID, InboxID: m.ID, Event: notify.Reply,
				Status: notify.Watched, Reason: notify.NoGrant, DueAt: now.Add(-time.Hour),
			})
		}
		return nil
	})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for more := true; more; {
				var err error
				if more, err = d.Notify.Ripen(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	rows, err := gorm.G[notify.Undelivered](d.DB.Gorm(t.Context())).Where("status = 'OPEN'").Find(t.Context())
	if err != nil || len(rows) != many {
		t.Fatalf("%d lines are open, %v", len(rows), err)
	}
	var count struct{ Open int }
	d.Get(apptest.Staff, "/v1/undelivered/count").Into(t, http.StatusOK, &count)
	if count.Open != 100 {
		t.Errorf("the badge shows %d", count.Open)
	}
	codes := make([]string, 6)
	for i := range codes {
		token, verb := d.Token(apptest.Staff), "told"
		if i%2 == 1 {
			verb = "resend"
		}
		wg.Go(func() {
			codes[i] = d.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/undelivered/" + rows[0].ID + "/" + verb, Token: token, Body: map[string]any{}}).Code()
		})
	}
	wg.Wait()
	done := 0
	for _, c := range codes {
		if c == "" {
			done++
		} else if c != "notify.not_waiting" {
			t.Errorf("one is answered with %s", c)
		}
	}
	if done != 1 {
		t.Errorf("%d of them were done: %v", done, codes)
	}
	seen, after := 0, ""
	for {
		var page struct {
			Items []undelivered
			Next  string
		}
		d.Get(apptest.Staff, "/v1/undelivered?limit=100&after="+after).Into(t, http.StatusOK, &page)
		seen += len(page.Items)
		if after = page.Next; after == "" {
			break
		}
	}
	if seen != many-1 {
		t.Errorf("the pages have %d lines, want %d", seen, many-1)
	}
}
