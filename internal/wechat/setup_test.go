package wechat

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"yanlu/internal/wechat/simulator"
)

const (
	testToken  = "callback-token"
	testAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	testOpenID = "oUser-0001"
)

// quiet keeps go-redis from telling of the Redis that these tests switch off.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	os.Exit(m.Run())
}

// newPlatform starts a simulator that ends with the test.
func newPlatform(t testing.TB) *simulator.Simulator {
	t.Helper()
	sim, err := simulator.Start(simulator.Config{AppID: "wxtest0001", Secret: "very-secret-app-secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim
}

// newRedis starts a Redis in the process.
func newRedis(t testing.TB) (*miniredis.Miniredis, *redis.Client) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	return server, client
}

// noRedis is a Redis that does not answer.
func noRedis(t testing.TB) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialTimeout: 50 * time.Millisecond})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// newClient returns a Client of the simulator, on the simulator's clock.
func newClient(t testing.TB, sim *simulator.Simulator, rdb redis.UniversalClient, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		AppID: sim.AppID(), Secret: sim.Secret(), BaseURL: sim.URL(),
		CallbackToken: testToken, CallbackAESKey: testAESKey,
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg, rdb, sim.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newPair returns a simulator and one Client of it.
func newPair(t testing.TB, change ...func(*Config)) (*simulator.Simulator, *Client) {
	t.Helper()
	sim := newPlatform(t)
	_, rdb := newRedis(t)
	return sim, newClient(t, sim, rdb, change...)
}

// newStub returns a Client of a platform that answers every call with what
// answer says for its path, and gives the token "stub-access-token".
func newStub(t testing.TB, answer func(path, body string) string) *Client {
	t.Helper()
	return newClientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		path := strings.TrimPrefix(r.URL.Path, "/")
		reply := answer(path, string(body))
		if path == simulator.PathToken && reply == "" {
			reply = `{"access_token":"stub-access-token","expires_in":7200}`
		}
		_, _ = io.WriteString(w, reply)
	}))
}

// newTemplate declares a template on the simulator, and a user with n consents.
func newTemplate(sim *simulator.Simulator, n int) Message {
	sim.Template("tmpl-reply", "thing1", "phrase2")
	sim.Grant(testOpenID, "tmpl-reply", n)
	return Message{
		OpenID: testOpenID, TemplateID: "tmpl-reply", Page: "pages/matter?id=1",
		Fields: map[string]string{"thing1": "关于老城区停车", "phrase2": "已答复"},
	}
}

// calls are the things that a Client asks the platform, each in a form that
// reaches it. The token's is a fetch of its own.
var calls = map[string]struct {
	path string
	do   func(context.Context, *Client) error
}{
	"login": {simulator.PathLogin, func(ctx context.Context, c *Client) error {
		_, err := c.Login(ctx, "0LoginCodeThatIsSecret")
		return err
	}},
	"phone": {simulator.PathPhone, func(ctx context.Context, c *Client) error {
		_, err := c.Phone(ctx, "PhoneCodeThatIsSecret", testOpenID)
		return err
	}},
	"send": {simulator.PathSend, func(ctx context.Context, c *Client) error {
		return c.Send(ctx, Message{OpenID: testOpenID, TemplateID: "t", Fields: map[string]string{"thing1": "x"}})
	}},
	"check": {simulator.PathCheck, func(ctx context.Context, c *Client) error {
		_, err := c.CheckText(ctx, testOpenID, 3, "title", "text")
		return err
	}},
	"picture": {simulator.PathMedia, func(ctx context.Context, c *Client) error {
		_, err := c.CheckPicture(ctx, testOpenID, 3, "https://files.example/1")
		return err
	}},
	"code": {simulator.PathCode, func(ctx context.Context, c *Client) error {
		_, err := c.Code(ctx, "SceneThatIsSecret", "pages/bind/index")
		return err
	}},
	"token": {simulator.PathToken, func(ctx context.Context, c *Client) error {
		return c.Send(ctx, Message{OpenID: testOpenID, TemplateID: "t", Fields: map[string]string{"thing1": "x"}})
	}},
}

// newClientOf returns a Client of a platform that is a handler.
func newClientOf(t testing.TB, platform http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	_, rdb := newRedis(t)
	c, err := New(Config{AppID: "wxstub", Secret: "stub-app-secret", BaseURL: server.URL}, rdb, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
