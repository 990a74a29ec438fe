package notify_test

import (
	"fmt"
	"net/http"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// unread returns what the badge shows a person, and the titles of the list that
// is narrowed to what is unread.
func (d *desk) unread(name string) string {
	d.T.Helper()
	var count struct{ Unread int }
	d.Get(name, "/v1/inbox/count").Into(d.T, http.StatusOK, &count)
	var page struct{ Items []struct{ Title string } }
	d.Get(name, "/v1/inbox?unread=true&limit=100").Into(d.T, http.StatusOK, &page)
	s := fmt.Sprint(count.Unread)
	for _, m := range page.Items {
		s += " " + m.Title
	}
	return s
}

// TestReadingMarksWhatWasSeen holds for one message, for all up to a point, for
// those of a matter, and that nobody marks another's.
func TestReadingMarksWhatWasSeen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	notices := map[string]notify.Notice{}
	for _, title := range []string{"甲", "乙", "丙", "丁"} {
		notices[title] = d.event(apptest.Author, title, notify.Decision)
	}
	d.event(apptest.CoAuthor, "他人的", notify.Decision)
	idOf := func(title string) string {
		var m notify.Message
		if err := d.DB.Gorm(t.Context()).Where("title = ?", title).First(&m).Error; err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	want := func(s string) {
		t.Helper()
		if got := d.unread(apptest.Author); got != s {
			t.Errorf("unread %s, want %s", got, s)
		}
	}
	many := func(name string, body map[string]any) apptest.Answer { return d.Post(name, "/v1/inbox/read", body) }
	want("4 丁 丙 乙 甲")
	many(apptest.CoAuthor, map[string]any{"up_to": idOf("丁")}).Want(t, http.StatusOK)
	many(apptest.CoAuthor, map[string]any{"matter_id": notices["丁"].MatterID}).Want(t, http.StatusOK)
	want("4 丁 丙 乙 甲")
	d.Post(apptest.Author, "/v1/inbox/"+idOf("丙")+"/read", nil).Want(t, http.StatusOK)
	want("3 丁 乙 甲")
	many(apptest.Author, map[string]any{"up_to": idOf("乙")}).Want(t, http.StatusOK)
	want("1 丁")
	many(apptest.Author, map[string]any{"matter_id": notices["甲"].MatterID}).Want(t, http.StatusOK)
	want("1 丁")
	many(apptest.Author, map[string]any{"matter_id": notices["丁"].MatterID}).Want(t, http.StatusOK)
	want("0")
	for _, bad := range []map[string]any{{}, {"up_to": store.NewID(), "matter_id": store.NewID()}} {
		if a := many(apptest.Author, bad); a.Code() != "request.read_what" {
			t.Errorf("%v is answered with %s", bad, a.Body)
		}
	}
	if got := d.inbox(apptest.Author); got != "丁, 丙, 乙, 甲" {
		t.Errorf("the whole inbox is %s", got)
	}
}

// TestTheBadgeStopsAt99 holds that the count costs no more where there is more.
func TestTheBadgeStopsAt99(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Write(func(tx *store.Tx) error {
		for range 120 {
			if err := d.Notify.Tell(tx, d.notice(apptest.Author, "修复路灯")); err != nil {
				return err
			}
		}
		return nil
	})
	var count struct{ Unread int }
	d.Get(apptest.Author, "/v1/inbox/count").Into(t, http.StatusOK, &count)
	if count.Unread != 100 {
		t.Errorf("the badge shows %d", count.Unread)
	}
}

// TestTheClientLearnsWhatToAskFor holds that each sees the balances of their own
// telephone, what they are told of first, and of that the lowest.
func TestTheClientLearnsWhatToAskFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	list := func(a apptest.Answer) string {
		var page struct {
			Items []struct {
				Event   string
				Balance int
				Ask     bool
			}
		}
		a.Into(t, http.StatusOK, &page)
		s := ""
		for _, w := range page.Items {
			mark := ""
			if w.Ask {
				mark = "!"
			}
			s += fmt.Sprintf("%s%s%d ", w.Event, mark, w.Balance)
		}
		return s
	}
	d.allowEvent(apptest.Author, notify.Reply, 1)
	d.allowEvent(apptest.Author, notify.Progress, 5)
	for name, want := range map[string]string{
		apptest.Author:      "decision!0 reply!1 task0 reminder0 progress5 ",
		apptest.CoAuthor:    "decision!0 reply!0 progress!0 task0 reminder0 ",
		apptest.LeadHandler: "task!0 reminder!0 decision0 reply0 progress0 ",
		apptest.Staff:       "task!0 reminder!0 decision0 reply0 progress0 ",
	} {
		if got := list(d.Get(name, "/v1/templates")); got != want {
			t.Errorf("%s is shown %s, want %s", name, got, want)
		}
	}
	unbound := list(d.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/templates", Token: d.LoginAs("openid-of-nobody")}))
	if want := "decision!0 reply!0 progress!0 task!0 reminder!0 "; unbound != want {
		t.Errorf("who is not bound is shown %s, want %s", unbound, want)
	}
}
