package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// TestAConsentIsBookedOnce holds whoever tells it first, the client or the
// platform, and in whatever order with others.
func TestAConsentIsBookedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const openID, foreign = "openid-of-the-table", "template-of-another"
	events := 0
	correct := func(id string, c notify.Change) {
		if err := d.Notify.Correct(t.Context(), id, openID, []notify.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	next := func() string { events++; return fmt.Sprintf("event %d", events) }
	report := func(c notify.Consent) func() {
		return func() {
			d.Write(func(tx *store.Tx) error { d.Notify.Report(tx, openID, []notify.Consent{c}); return nil })
		}
	}
	steps := map[string]func(){
		"hint":           report(notify.Consent{TemplateID: apptest.TemplateID, Accepted: true}),
		"hinted no":      report(notify.Consent{TemplateID: apptest.TemplateID}),
		"foreign hint":   report(notify.Consent{TemplateID: foreign, Accepted: true}),
		"event":          func() { correct(next(), notify.Change{TemplateID: apptest.TemplateID, Accepted: true}) },
		"popup reject":   func() { correct(next(), notify.Change{TemplateID: apptest.TemplateID}) },
		"change reject":  func() { correct(next(), notify.Change{TemplateID: apptest.TemplateID, Refused: true}) },
		"foreign event":  func() { correct(next(), notify.Change{TemplateID: foreign, Accepted: true}) },
		"foreign reject": func() { correct(next(), notify.Change{TemplateID: foreign, Refused: true}) },
		"one event":      func() { correct("one", notify.Change{TemplateID: apptest.TemplateID, Accepted: true}) },
		"one reject":     func() { correct("one reject", notify.Change{TemplateID: apptest.TemplateID, Refused: true}) },
	}
	cases := map[string]notify.Grant{
		"hint":                                  {Balance: 1, Hinted: 1},
		"hint, event":                           {Balance: 1},
		"event, hint":                           {Balance: 1},
		"event":                                 {Balance: 1, Confirmed: 1},
		"hint, hint, event, event":              {Balance: 2},
		"hint, event, hint, event":              {Balance: 2},
		"event, event, hint":                    {Balance: 2, Confirmed: 1},
		"hint, hint, event":                     {Balance: 2, Hinted: 1},
		"hinted no":                             {},
		"hint, hinted no":                       {Balance: 1, Hinted: 1},
		"popup reject":                          {},
		"hint, event, popup reject":             {Balance: 1},
		"change reject":                         {},
		"hint, event, hint, change reject":      {},
		"event, change reject, event":           {Balance: 1, Confirmed: 1},
		"foreign hint, foreign event":           {},
		"hint, event, foreign reject":           {Balance: 1},
		"one event, one event, one event":       {Balance: 1, Confirmed: 1},
		"one event, hint, one event":            {Balance: 1},
		"one reject, hint, event, one reject":   {Balance: 1},
		strings.Repeat("hint, ", 59) + "hint":   {Balance: 50, Hinted: 60},
		strings.Repeat("event, ", 59) + "event": {Balance: 50, Confirmed: 60},
	}
	for name, want := range cases {
		t.Run(name[:min(len(name), 40)], func(t *testing.T) {
			d.clear()
			for step := range strings.SplitSeq(name, ", ") {
				steps[step]()
			}
			var rows []notify.Grant
			if err := d.DB.Gorm(t.Context()).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			got := notify.Grant{}
			for _, g := range rows {
				if g.OpenID != openID || g.TemplateID != apptest.TemplateID {
					t.Errorf("a grant of %s for %s is booked", g.OpenID, g.TemplateID)
				}
				got = g
			}
			if booked(got) != booked(want) {
				t.Errorf("booked is %s, want %s", booked(got), booked(want))
			}
		})
	}
}

// TestAnEventThatComesManyTimesAtOnceCountsOnce holds for deliveries that are
// taken by several servers together.
func TestAnEventThatComesManyTimesAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := d.Notify.Correct(t.Context(), "one", d.OpenID(apptest.Author), []notify.Change{{TemplateID: apptest.TemplateID, Accepted: true}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 0, confirmed 1"; got != want {
		t.Errorf("booked is %s, want %s", got, want)
	}
}

// TestClientsReportConsents holds that the route books for the telephone that
// asks, bound or not.
func TestClientsReportConsents(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.Login(apptest.Author)
	call := apptest.Call{Method: http.MethodPost, Path: "/v1/grants", Token: token, Key: "one-prompt-0001", Body: map[string]any{"consents": []any{
		map[string]any{"template_id": apptest.TemplateID, "accepted": true}, map[string]any{"template_id": "foreign", "accepted": true},
	}}}
	for range 3 { // the phone sends it again
		d.Send(call).Want(t, http.StatusOK)
	}
	if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 1, confirmed 0"; got != want {
		t.Errorf("booked is %s, want %s", got, want)
	}
	if got := booked(d.ledger(apptest.CoAuthor)); got != booked(notify.Grant{}) {
		t.Errorf("another's telephone has %s", got)
	}
}

// callback lets the platform push its events to the program.
func (d *desk) callback(t *testing.T) simulator.Callback {
	t.Helper()
	server := httptest.NewServer(d.API)
	t.Cleanup(server.Close)
	t.Cleanup(func() { d.Sim.Wait() })
	return simulator.Callback{
		URL: server.URL + "/wechat/callback", Token: d.config.WeChat.CallbackToken.Reveal(), AESKey: d.config.WeChat.CallbackAESKey.Reveal(),
	}
}

func popup(openID string, statuses ...string) simulator.Event {
	e := simulator.Event{Type: simulator.EventPopup, OpenID: openID, At: time.Now()}
	for i, s := range statuses {
		template := apptest.TemplateID
		if i > 0 {
			template = fmt.Sprintf("foreign-%d", i)
		}
		e.List = append(e.List, simulator.Item{TemplateID: template, Status: s})
	}
	return e
}

// TestThePlatformsEventsReachTheLedger goes from the platform's signed push to
// the ledger, sealed, in JSON and in XML.
func TestThePlatformsEventsReachTheLedger(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cb := d.callback(t)
	author := d.OpenID(apptest.Author)
	change := func(status string) simulator.Event {
		e := popup(author, status)
		e.Type = simulator.EventChange
		return e
	}
	sent := func(code int) simulator.Event {
		return simulator.Event{Type: simulator.EventSent, OpenID: author, At: time.Now(), List: []simulator.Item{{TemplateID: apptest.TemplateID, MsgID: "1", ErrorCode: code}}}
	}
	twice := popup(author, "accept")
	later := popup(author, "accept")
	later.At = later.At.Add(time.Second)
	cases := map[string]struct {
		events []simulator.Event
		want   string
	}{
		"one consent":                      {[]simulator.Event{twice}, "balance 1, hinted 0, confirmed 1"},
		"the same one twice":               {[]simulator.Event{twice, twice}, "balance 1, hinted 0, confirmed 1"},
		"another one":                      {[]simulator.Event{twice, later}, "balance 2, hinted 0, confirmed 2"},
		"a list with others' templates":    {[]simulator.Event{popup(author, "accept", "accept", "reject")}, "balance 1, hinted 0, confirmed 1"},
		"a prompt that is turned away":     {[]simulator.Event{twice, popup(author, "reject")}, "balance 1, hinted 0, confirmed 1"},
		"a ban by the platform":            {[]simulator.Event{twice, popup(author, "ban")}, "balance 1, hinted 0, confirmed 1"},
		"a change to no":                   {[]simulator.Event{twice, later, change("reject")}, "balance 0, hinted 0, confirmed 0"},
		"a change to yes is no consent":    {[]simulator.Event{change("accept")}, "balance 0, hinted 0, confirmed 0"},
		"a message that arrived":           {[]simulator.Event{twice, sent(0)}, "balance 1, hinted 0, confirmed 1"},
		"a message that was refused":       {[]simulator.Event{twice, sent(43101)}, "balance 0, hinted 0, confirmed 0"},
		"a message that failed in another": {[]simulator.Event{twice, sent(43102)}, "balance 1, hinted 0, confirmed 1"},
		"an event that says nothing of it": {[]simulator.Event{{Type: "user_enter_tempsession", OpenID: author}}, "balance 0, hinted 0, confirmed 0"},
	}
	for _, xml := range []bool{false, true} {
		cb.XML = xml
		if err := d.Sim.SetCallback(cb); err != nil {
			t.Fatal(err)
		}
		for name, c := range cases {
			t.Run(fmt.Sprintf("%s, XML %t", name, xml), func(t *testing.T) {
				d.clear()
				if err := d.Sim.Push(c.events...); err != nil {
					t.Error(err)
				}
				if got := booked(d.ledger(apptest.Author)); got != c.want {
					t.Errorf("booked is %s, want %s", got, c.want)
				}
			})
		}
	}
	t.Run("the same one in JSON and in XML", func(t *testing.T) {
		d.clear()
		for _, cb.XML = range []bool{false, true} {
			if err := errors.Join(d.Sim.SetCallback(cb), d.Sim.Push(twice)); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 0, confirmed 1"; got != want {
			t.Errorf("booked is %s, want %s", got, want)
		}
	})
	t.Run("the client's hint of it", func(t *testing.T) {
		d.clear()
		d.allow(apptest.Author, 1)
		if err := d.Sim.Push(twice); err != nil {
			t.Fatal(err)
		}
		if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 0, confirmed 0"; got != want {
			t.Errorf("booked is %s, want %s", got, want)
		}
	})
	t.Run("a push and the event that it was sent", func(t *testing.T) {
		d.clear()
		d.allow(apptest.Author, 2)
		d.tell(apptest.Author, "修复人民路路灯")
		d.dispatch(1)
		d.Sim.Wait()
		if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 2, confirmed 0"; got != want {
			t.Errorf("booked is %s, want %s", got, want)
		}
	})
}

// TestForgedCallbacksAreRefused holds for pushes in clear, for wrong signatures
// and for what is no push, and that none of them changes the ledger.
func TestForgedCallbacksAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cb := d.callback(t)
	plain := cb
	plain.Plain = true
	for _, plain.XML = range []bool{false, true} {
		if err := d.Sim.SetCallback(plain); err != nil {
			t.Fatal(err)
		}
		if err := d.Sim.Push(popup(d.OpenID(apptest.Author), "accept")); err == nil {
			t.Errorf("a push in clear was taken, XML %t", plain.XML)
		}
	}
	for _, call := range d.Sim.Journal() {
		if strings.HasPrefix(call.Path, "push/") && call.Status != http.StatusForbidden {
			t.Errorf("a push in clear was answered with %d", call.Status)
		}
	}
	wrong := cb
	wrong.Token = "another-token"
	if err := d.Sim.SetCallback(wrong); err == nil {
		t.Error("the address echoes for another token")
	}
	wrong = cb
	wrong.AESKey = strings.Repeat("A", 43)
	if err := d.Sim.SetCallback(wrong); err != nil {
		t.Fatal(err)
	}
	if err := d.Sim.Push(popup(d.OpenID(apptest.Author), "accept")); err == nil {
		t.Error("a push that is sealed with another key was taken")
	}
	for name, body := range map[string]string{
		"nothing": "", "text": "hello", "JSON": `{"Encrypt":"AAAA"}`, "XML": "<xml><Encrypt>AAAA</Encrypt></xml>", "much": strings.Repeat("x", 4<<20),
	} {
		resp, err := http.Post(cb.URL+"?timestamp=1&nonce=2&signature=3&msg_signature=4", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", name, resp.StatusCode)
		}
	}
	if got := booked(d.ledger(apptest.Author)); got != booked(notify.Grant{}) {
		t.Errorf("booked is %s", got)
	}
}

// TestAnEventThatCouldNotBeBookedIsTakenWhenItComesAgain holds that the
// platform is told to send again, and that the event is not taken for known.
func TestAnEventThatCouldNotBeBookedIsTakenWhenItComesAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.Sim.SetCallback(d.callback(t)); err != nil {
		t.Fatal(err)
	}
	event := popup(d.OpenID(apptest.Author), "accept")
	d.Write(func(tx *store.Tx) error { tx.Exec("ALTER TABLE grants RENAME TO grants_away"); return nil })
	if err := d.Sim.Push(event); err == nil {
		t.Error("an event was taken without a ledger")
	}
	d.Write(func(tx *store.Tx) error { tx.Exec("ALTER TABLE grants_away RENAME TO grants"); return nil })
	if err := d.Sim.Push(event, event); err != nil {
		t.Error(err)
	}
	if got, want := booked(d.ledger(apptest.Author)), "balance 1, hinted 0, confirmed 1"; got != want {
		t.Errorf("booked is %s, want %s", got, want)
	}
	if !strings.Contains(d.log(), "a callback failed") {
		t.Errorf("the log says nothing of it: %s", d.log())
	}
}

// TestOldEventsAreForgotten holds that only those that are older than a week go.
func TestOldEventsAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	now := d.Clock.Now()
	d.Write(func(tx *store.Tx) error {
		tx.Insert(&notify.PlatformEvent{ID: "old", At: now.AddDate(0, 0, -8)}, &notify.PlatformEvent{ID: "new", At: now.AddDate(0, 0, -6)})
		return nil
	})
	if err := d.Notify.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left []string
	if err := d.DB.Gorm(t.Context()).Raw("SELECT id FROM platform_events").Scan(&left).Error; err != nil || len(left) != 1 || left[0] != "new" {
		t.Errorf("left are %q, %v", left, err)
	}
}
