package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// letter is a line of 未送达, as far as tests look.
type letter struct {
	ID, Name, Phone, Event, Title, Reason string
	MatterID                              string `json:"matter_id"`
	ToldBy                                string `json:"told_by"`
}

func undelivered(w *apptest.World, query string) []letter {
	w.T.Helper()
	var page struct{ Items []letter }
	w.Get(apptest.Staff, "/v1/undelivered"+query).Into(w.T, http.StatusOK, &page)
	return page.Items
}

// push lets the dispatcher look until there is nothing to do.
func push(w *apptest.World) {
	w.T.Helper()
	for n, err := 1, error(nil); n > 0; {
		if n, err = w.Dispatcher.Once(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
	}
}

// consent lets a person allow an event's push n times.
func consent(w *apptest.World, name string, e notify.Event, n int) {
	w.T.Helper()
	w.Token(name)
	template := "template-" + string(e)
	w.Sim.Grant(w.OpenID(name), template, n)
	w.Write(func(tx *store.Tx) error {
		for range n {
			w.Notify.Report(tx, w.OpenID(name), []notify.Consent{{TemplateID: template, Accepted: true}})
		}
		return nil
	})
}

// TestADeadLetterToAUnitIsSentAgain: a matter is dispatched, and the platform
// refuses the push to both units. Staff find both, send one again, in vain and
// then with success, and call the other; the call stands in the timeline. What
// has no consent is no dead letter.
func TestADeadLetterToAUnitIsSentAgain(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	consent(w, apptest.LeadHandler, notify.Task, 1)
	consent(w, apptest.CoHandler, notify.Task, 1)
	s, _, _ := inHands(w)
	w.Clock.Advance(24 * time.Hour) // no quiet hours
	w.Sim.Fault(simulator.PathSend, simulator.Fault{Code: 40037, Times: 2})
	push(w)
	w.Sim.ClearFaults()
	if lines := undelivered(w, "?event=task"); len(lines) != 0 {
		t.Errorf("before two unread days: %+v", lines)
	}
	w.Clock.Advance(48 * time.Hour)
	if _, err := w.Notify.Ripen(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := undelivered(w, "?event=task&reason=FAILED")
	if len(lines) != 2 || lines[0].Name != apptest.LeadHandler || lines[0].MatterID != s.ID || lines[0].Title != "有新的交办" || lines[0].Phone != w.Phone(apptest.LeadHandler) {
		t.Fatalf("the dead letters are %+v", lines)
	}
	again := "/v1/undelivered/" + lines[0].ID + "/resend"
	w.Write(func(tx *store.Tx) error { tx.Exec("UPDATE grants SET balance = 0"); return nil })
	w.Post(apptest.ProposalStaff, again, nil).Want(t, http.StatusOK)
	if got := undelivered(w, "?event=task"); len(got) != 1 {
		t.Errorf("while it is on its way: %+v", got)
	}
	push(w)
	if got := undelivered(w, "?event=task"); len(got) != 2 || got[0].Reason != "NO_GRANT" {
		t.Errorf("in vain: %+v", got)
	}
	consent(w, apptest.LeadHandler, notify.Task, 1)
	w.Post(apptest.ProposalStaff, again, nil).Want(t, http.StatusOK)
	sent := len(w.Sim.Sent())
	push(w)
	if len(w.Sim.Sent()) != sent+1 {
		t.Error("it did not go out")
	}
	wantCode(t, w.Post(apptest.Staff, again, nil), http.StatusNotFound, "notify.not_waiting")
	w.Post(apptest.Staff, "/v1/undelivered/"+lines[1].ID+"/told", map[string]any{"note": "本人接听。"}).Want(t, http.StatusOK)
	if got := undelivered(w, "?event=task"); len(got) != 0 {
		t.Errorf("left are %+v", got)
	}
	if got := undelivered(w, "?state=told"); len(got) != 1 || got[0].Name != apptest.CoHandler || got[0].ToldBy != apptest.Staff {
		t.Errorf("called are %+v", got)
	}
	timeline := look(w, apptest.Staff, s.ID).Timeline
	if last := timeline[len(timeline)-1]; last.Action != "call" || !strings.Contains(last.Comment, apptest.CoHandler) {
		t.Errorf("the timeline ends with %+v", last)
	}
}
