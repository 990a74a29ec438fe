package wechat

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/wechat/simulator"
)

// receive takes pushes of a simulator and hands the events on.
func receive(t *testing.T, sim *simulator.Simulator, c *Client, inXML bool) <-chan Event {
	t.Helper()
	events := make(chan Event, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.Method == http.MethodGet {
			echo, _ := c.Echo(q.Get("timestamp"), q.Get("nonce"), q.Get("signature"), q.Get("echostr"))
			_, _ = w.Write([]byte(echo))
			return
		}
		body := make([]byte, 1<<16)
		n, _ := r.Body.Read(body)
		e, err := c.Decode(r.URL.Query(), body[:n])
		if err != nil {
			t.Error(err)
		}
		events <- e
		_, _ = w.Write([]byte("success"))
	}))
	t.Cleanup(server.Close)
	if err := sim.SetCallback(simulator.Callback{URL: server.URL, Token: testToken, AESKey: testAESKey, XML: inXML}); err != nil {
		t.Fatal(err)
	}
	return events
}

// The verdict on a picture comes as an event, under the trace of the call.
func TestAPictureIsCheckedByAnEvent(t *testing.T) {
	t.Parallel()
	for name, inXML := range map[string]bool{"JSON": false, "XML": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			sim.NewUser(testOpenID)
			sim.Picture("risky", "risky", 20002)
			sim.Picture("gone", simulator.Unreachable, 0)
			events := receive(t, sim, c, inXML)
			files := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(files.Close)
			for address, want := range map[string]MediaVerdict{
				"https://files.example/1?s=x":     {Suggest: Pass, Label: 100},
				"https://files.example/risky?s=x": {Suggest: Risky, Label: 20002},
				"https://files.example/gone":      {ErrCode: -1008},
				files.URL + "/nothing":            {ErrCode: -1008},
			} {
				trace, err := c.CheckPicture(t.Context(), testOpenID, 3, address)
				if err != nil {
					t.Fatal(err)
				}
				want.TraceID = trace
				select {
				case e := <-events:
					if diff := cmp.Diff(&want, e.Media); diff != "" || e.Type != EventMedia {
						t.Errorf("%s: %s", address, diff)
					}
				case <-time.After(10 * time.Second):
					t.Fatalf("%s: no event", address)
				}
			}
		})
	}
}

func TestAPictureThatIsNotChecked(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	sim.NewUser(testOpenID)
	const good = "https://files.example/1?signature=a-long-secret"
	for name, test := range map[string]struct {
		openID, address string
		scene           int
		want            Class
	}{
		"a stranger":                   {"stranger", good, 3, BadRecipient},
		"an openid that is none":       {"a b", good, 3, BadRecipient},
		"a scene that there is not":    {testOpenID, good, 5, BadField},
		"an address without TLS":       {testOpenID, "http://files.example/1", 3, BadSetup},
		"an address that is none":      {testOpenID, "files", 3, BadSetup},
		"an address with a password":   {testOpenID, "https://a:b@files.example/1", 3, BadSetup},
		"an address of another scheme": {testOpenID, "file:///etc/passwd", 3, BadSetup},
		"an address that is too long":  {testOpenID, good + strings.Repeat("x", 2048), 3, BadSetup},
	} {
		if trace, err := c.CheckPicture(t.Context(), test.openID, test.scene, test.address); Classify(err) != test.want || trace != "" {
			t.Errorf("%s: got %q, %v; want %v", name, trace, err, test.want)
		}
	}
	sim.Fault(simulator.PathMedia, simulator.Fault{Code: 40097, Message: "bad " + good})
	if _, err := c.CheckPicture(t.Context(), testOpenID, 3, good); err == nil || strings.Contains(err.Error(), "a-long-secret") {
		t.Errorf("the failure repeats the address: %v", err)
	}
	sim.Advance(2*time.Hour + time.Minute)
	if _, err := c.CheckPicture(t.Context(), testOpenID, 3, good); Classify(err) != NotSeen {
		t.Errorf("got %v", err)
	}
	production, err := New(Config{AppID: "wx", Secret: "s"}, noRedis(t), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := production.CheckPicture(t.Context(), testOpenID, 3, "http://127.0.0.1/1"); Classify(err) != BadSetup {
		t.Errorf("loopback towards the real platform: %v", err)
	}
}

// What is no answer is no trace.
func TestAnAnswerWithoutATrace(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"no trace": `{"errcode":0,"errmsg":"ok"}`, "a page": "<html>502</html>", "half": `{"errcode":0`, "a long one": `{"trace_id":"` + strings.Repeat("x", 200) + `"}`,
	} {
		c := newStub(t, func(path, _ string) string {
			if path == simulator.PathMedia {
				return answer
			}
			return ""
		})
		if trace, err := c.CheckPicture(t.Context(), testOpenID, 3, "https://files.example/1"); Classify(err) != Busy || trace != "" {
			t.Errorf("%s: got %q, %v", name, trace, err)
		}
	}
}
