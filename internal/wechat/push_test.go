package wechat

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yanlu/internal/wechat/simulator"
)

// inbox is a callback address that decodes what comes.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	events []Event
	errs   []error
	mute   int // how many pushes are not answered rightly
}

func newInbox(t *testing.T, c *Client) *inbox {
	t.Helper()
	in := &inbox{}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.Method == http.MethodGet {
			echo, err := c.Echo(q.Get("timestamp"), q.Get("nonce"), q.Get("signature"), q.Get("echostr"))
			if err == nil {
				_, _ = io.WriteString(w, echo)
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		event, err := c.Decode(q, body)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.events, in.errs = append(in.events, event), append(in.errs, err)
		if in.mute > 0 {
			in.mute--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "success")
	}))
	t.Cleanup(in.Close)
	return in
}

// The simulator seals, signs and writes with its own code, so each side proves
// the other.
func TestPushesOfThePlatformAreRead(t *testing.T) {
	t.Parallel()
	at := time.Unix(1760000000, 0).UTC()
	pushed := []simulator.Event{
		{Type: simulator.EventPopup, OpenID: testOpenID, At: at, List: []simulator.Item{
			{TemplateID: "t1", Status: "accept"}, {TemplateID: "t2", Status: "reject"}}},
		{Type: simulator.EventPopup, OpenID: testOpenID, At: at.Add(time.Second), List: []simulator.Item{{TemplateID: "t1", Status: "accept"}}},
		{Type: simulator.EventChange, OpenID: testOpenID, At: at, List: []simulator.Item{{TemplateID: "t1", Status: "reject"}}},
		{Type: simulator.EventSent, OpenID: testOpenID, At: at, List: []simulator.Item{{TemplateID: "t1", MsgID: "18", ErrorCode: 43101}}},
		{Type: "wxa_novelty", OpenID: testOpenID, At: at},
	}
	want := []Event{
		{Type: EventPopup, OpenID: testOpenID, At: at, Subscriptions: []Subscription{
			{TemplateID: "t1", Kind: Popup, Accepted: true}, {TemplateID: "t2", Kind: Popup}}},
		{Type: EventPopup, OpenID: testOpenID, At: at.Add(time.Second), Subscriptions: []Subscription{{TemplateID: "t1", Kind: Popup, Accepted: true}}},
		{Type: EventChange, OpenID: testOpenID, At: at, Subscriptions: []Subscription{{TemplateID: "t1", Kind: Change}}},
		{Type: EventSent, OpenID: testOpenID, At: at, Subscriptions: []Subscription{{TemplateID: "t1", Kind: Sent, ErrorCode: 43101, MsgID: "18"}}},
		{Type: "wxa_novelty", OpenID: testOpenID, At: at},
	}
	for name, callback := range map[string]simulator.Callback{
		"sealed JSON": {}, "sealed XML": {XML: true}, "plain JSON": {Plain: true}, "plain XML": {Plain: true, XML: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t, func(cfg *Config) { cfg.AllowPlainCallbacks = callback.Plain })
			in := newInbox(t, c)
			callback.URL, callback.Token, callback.AESKey = in.URL+"/callback?x=1", testToken, testAESKey
			if err := sim.SetCallback(callback); err != nil {
				t.Fatal(err)
			}
			if err := sim.Push(pushed...); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, in.events, cmpopts.IgnoreFields(Event{}, "ID")); diff != "" {
				t.Errorf("%v %s", errors.Join(in.errs...), diff)
			}
		})
	}
}

func TestAPushThatComesAgainHasTheSameID(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	in := newInbox(t, c)
	if err := sim.SetCallback(simulator.Callback{URL: in.URL, Token: testToken, AESKey: testAESKey}); err != nil {
		t.Fatal(err)
	}
	in.mute = 2
	err := sim.Push(simulator.Event{Type: simulator.EventChange, OpenID: testOpenID, List: []simulator.Item{{TemplateID: "t", Status: "reject"}}})
	if err != nil || len(in.events) != 3 || in.events[0].ID != in.events[2].ID {
		t.Errorf("%v, %+v", err, in.events)
	}
}

func TestASentMessageIsTold(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	in := newInbox(t, c)
	if err := sim.SetCallback(simulator.Callback{URL: in.URL, Token: testToken, AESKey: testAESKey}); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), newTemplate(sim, 1)); err != nil {
		t.Fatal(err)
	}
	sim.Wait()
	want := []Subscription{{TemplateID: "tmpl-reply", Kind: Sent, Accepted: true, MsgID: sim.Sent()[0].MsgID}}
	if len(in.events) != 1 || !cmp.Equal(want, in.events[0].Subscriptions) {
		t.Errorf("got %+v", in.events)
	}
}
