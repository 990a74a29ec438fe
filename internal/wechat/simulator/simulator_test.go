package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func start(t *testing.T, cfg Config) *Simulator {
	t.Helper()
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ask makes a call and returns the answer, whose errcode is zero when absent.
func ask(t *testing.T, s *Simulator, path, body string) map[string]any {
	t.Helper()
	var resp *http.Response
	var err error
	if body == "" {
		resp, err = http.Get(s.URL() + "/" + path)
	} else {
		resp, err = http.Post(s.URL()+"/"+path, "application/json", strings.NewReader(body))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("HTTP status %d", resp.StatusCode)
	}
	if message, _ := reply["errmsg"].(string); message != "" && message != "ok" && !strings.Contains(message, " rid: ") {
		t.Errorf("errmsg %q has no rid", message)
	}
	return reply
}

func expectCode(t *testing.T, reply map[string]any, want int) {
	t.Helper()
	code, _ := reply["errcode"].(float64)
	if int(code) != want {
		t.Errorf("got %v, want errcode %d", reply, want)
	}
}

func tokenBody(secret string, force bool) string {
	return fmt.Sprintf(`{"grant_type":"client_credential","appid":"wxsimulator","secret":%q,"force_refresh":%v}`, secret, force)
}

func token(t *testing.T, s *Simulator) string {
	t.Helper()
	value, _ := ask(t, s, PathToken, tokenBody(s.Secret(), false))["access_token"].(string)
	if value == "" {
		t.Fatal("no token")
	}
	return value
}

func login(s *Simulator, code string) string {
	return PathLogin + "?grant_type=authorization_code&appid=" + s.AppID() + "&secret=" + s.Secret() + "&js_code=" + code
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	s.NewUser("o1")
	try := func(token string) map[string]any {
		return ask(t, s, PathSend+"?access_token="+token, `{"touser":"o1"}`)
	}
	const passed = 40037 // the token was good, the template is not
	first := token(t, s)
	t.Run("stay the same while they live", func(t *testing.T) {
		if token(t, s) != first {
			t.Error("another token")
		}
	})
	t.Run("are replaced in the last five minutes, with a grace for the old one", func(t *testing.T) {
		s.Advance(2*time.Hour - 4*time.Minute)
		second := token(t, s)
		if second == first {
			t.Fatal("the same token")
		}
		s.Advance(4*time.Minute + 30*time.Second)
		expectCode(t, try(first), passed)
		s.Advance(time.Minute)
		expectCode(t, try(first), 42001)
		expectCode(t, try(second), passed)
	})
	t.Run("are invalid after a forced refresh", func(t *testing.T) {
		before := token(t, s)
		ask(t, s, PathToken, tokenBody(s.Secret(), true))
		expectCode(t, try(before), 40001)
	})
	t.Run("are refused when unknown or missing", func(t *testing.T) {
		expectCode(t, try("nonsense"), 40001)
		expectCode(t, try(""), 41001)
	})
	t.Run("are not given for a wrong secret or AppID", func(t *testing.T) {
		expectCode(t, ask(t, s, PathToken, tokenBody("wrong", false)), 40125)
		expectCode(t, ask(t, s, PathToken, strings.Replace(tokenBody(s.Secret(), false), "wxsimulator", "wxother", 1)), 40013)
		expectCode(t, ask(t, s, PathToken, ""), 47001)
	})
}

func TestLoginCodes(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	t.Run("work once", func(t *testing.T) {
		code := s.LoginCode("o1")
		reply := ask(t, s, login(s, code), "")
		if reply["openid"] != "o1" || reply["session_key"] == "" || reply["errcode"] != nil || reply["unionid"] != nil {
			t.Errorf("got %v", reply)
		}
		expectCode(t, ask(t, s, login(s, code), ""), 40163)
	})
	t.Run("work for five minutes", func(t *testing.T) {
		code := s.LoginCode("o1")
		s.Advance(5 * time.Minute)
		expectCode(t, ask(t, s, login(s, code), ""), 40029)
	})
	t.Run("are not guessed", func(t *testing.T) {
		expectCode(t, ask(t, s, login(s, "nonsense"), ""), 40029)
	})
	t.Run("need the secret", func(t *testing.T) {
		expectCode(t, ask(t, s, strings.Replace(login(s, s.LoginCode("o1")), s.Secret(), "wrong", 1), ""), 40125)
	})
}

func TestPhoneCodesStayGoodForTheirUser(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	code := s.PhoneCode("o1", "13800138000")
	path := PathPhone + "?access_token=" + token(t, s)
	expectCode(t, ask(t, s, path, fmt.Sprintf(`{"code":%q,"openid":"o2"}`, code)), 40029)
	expectCode(t, ask(t, s, path, fmt.Sprintf(`{"code":%q,"openid":"o1"}`, code)), 0)
	expectCode(t, ask(t, s, path, fmt.Sprintf(`{"code":%q,"openid":"o1"}`, code)), 40029)
	expired := s.PhoneCode("o1", "13800138000")
	s.Advance(5 * time.Minute)
	expectCode(t, ask(t, s, path, fmt.Sprintf(`{"code":%q}`, expired)), 40029)
}

func TestSendChecksInOrderAndSpends(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Pages: []string{"pages/matter"}})
	s.Template("t1", "thing1", "time2")
	s.Grant("o1", "t1", 1)
	path := PathSend + "?access_token=" + token(t, s)
	good := `{"touser":"o1","template_id":"t1","page":"/pages/matter?id=1","miniprogram_state":"formal",` +
		`"data":{"thing1":{"value":"停车"},"time2":{"value":"2025年3月1日 10:05"}}}`
	for name, test := range map[string]struct {
		from, to string
		code     int
	}{
		"an unknown user":       {`"o1"`, `"o9"`, 40003},
		"an unknown template":   {`"t1"`, `"t9"`, 40037},
		"an unknown page":       {"/pages/matter", "pages/other", 41030},
		"a wrong state":         {"formal", "release", 40097},
		"a long thing":          {"停车", strings.Repeat("长", 21), 47003},
		"a control character":   {"停车", `停\n车`, 47003},
		"a number for a text":   {`"停车"`, `1`, 47003},
		"no date":               {"2025年3月1日 10:05", "明天", 47003},
		"a missing field":       {`"time2"`, `"time3"`, 47003},
		"a field that is extra": {`"data":{`, `"data":{"thing7":{"value":"x"},`, 47003},
	} {
		t.Run(name, func(t *testing.T) {
			expectCode(t, ask(t, s, path, strings.Replace(good, test.from, test.to, 1)), test.code)
		})
	}
	if s.Grants("o1", "t1") != 1 {
		t.Error("a failed send spent a consent")
	}
	expectCode(t, ask(t, s, path, good), 0)
	expectCode(t, ask(t, s, path, good), 43101)
	if n := len(s.Sent()); n != 1 {
		t.Errorf("%d messages arrived", n)
	}
}

func TestValidField(t *testing.T) {
	t.Parallel()
	for _, line := range []struct{ kind, good, bad string }{
		{"thing1", "字母a1!", " "}, {"number2", "-1.5", "1a"}, {"letter3", "aB", "a1"}, {"symbol4", "!?", "!!!!!!"},
		{"character_string5", "A-1 b", "中"}, {"phone_number6", "+86-0766-66888866", "123456789012345678"},
		{"car_number7", "粤A8Z888挂", "粤A8Z888挂挂"}, {"name8", "买买提·吐尔逊", "张三3"}, {"name8", "Abdurehim Memet", strings.Repeat("张", 11)},
		{"phrase9", "已答复", "ok"}, {"amount10", "¥12.5元", "12345678901"}, {"date11", "2019年10月1日", "10月1日"},
		{"time12", "15:01~16:01", "三点"}, {"date13", "2019年10月1日 15:01", ""},
	} {
		if !ValidField(line.kind, line.good) {
			t.Errorf("%s refuses %q", line.kind, line.good)
		}
		if ValidField(line.kind, line.bad) {
			t.Errorf("%s takes %q", line.kind, line.bad)
		}
	}
	if ValidField("novelty1", "x") {
		t.Error("an unknown type takes something")
	}
}

func TestFaultsStrikeInOrderAndGo(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	s.Fault(PathLogin, Fault{Code: -1, Times: 2})
	s.Fault(PathLogin, Fault{Status: 503})
	s.Fault(PathLogin, Fault{Cut: true, AfterEffect: true})
	code := s.LoginCode("o1")
	expectCode(t, ask(t, s, login(s, code), ""), -1)
	expectCode(t, ask(t, s, login(s, code), ""), -1)
	resp, err := http.Get(s.URL() + "/" + login(s, code))
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %v, %v", resp, err)
	}
	if _, err := http.Post(s.URL()+"/"+login(s, code), "", strings.NewReader("x")); err == nil {
		t.Error("the connection was not cut")
	}
	expectCode(t, ask(t, s, login(s, code), ""), 40163) // the cut call took effect
	want := []string{"code", "code", "status", "cut", ""}
	var got []string
	for _, call := range s.Journal() {
		got = append(got, call.Fault)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOtherHostsAndPathsAreRefused(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for target, want := range map[string]int{
		"http://api.weixin.qq.com/" + PathLogin: http.StatusMisdirectedRequest,
		"http://rebound.example/" + PathLogin:   http.StatusMisdirectedRequest,
		"http://127.0.0.1:80/cgi-bin/token":     http.StatusNotFound,
		"http://localhost:80/" + PathLogin:      http.StatusOK,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", target, w.Code, want)
		}
	}
	if err := s.SetCallback(Callback{URL: "http://example.com/", Plain: true}); err == nil {
		t.Error("a callback elsewhere was taken")
	}
}

func TestTheJournalHasNoSecret(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	code := s.LoginCode("o1")
	key, _ := ask(t, s, login(s, code), "")["session_key"].(string)
	access := token(t, s)
	ask(t, s, PathCheck+"?access_token="+access, `{"version":2,"scene":1,"openid":"o1","content":"内部材料"}`)
	text := fmt.Sprintf("%+v", s.Journal())
	for _, secret := range []string{code, key, access, s.Secret(), "内部材料"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the journal", secret)
		}
	}
	if s.Calls(PathCheck) != 1 || !strings.Contains(text, "o1") {
		t.Errorf("the journal says too little: %s", text)
	}
}

func TestAPushIsTriedFourTimes(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	var mu sync.Mutex
	refuse, bodies := 0, []string{}
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, r.URL.Query().Get("echostr"))
			return
		}
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if refuse > 0 {
			refuse--
			return // an empty answer is none
		}
		_, _ = io.WriteString(w, "success")
	}))
	t.Cleanup(callback.Close)
	if err := s.Push(Event{Type: EventPopup}); err == nil {
		t.Error("a push without a callback succeeded")
	}
	if err := s.SetCallback(Callback{URL: callback.URL, Token: "t", Plain: true}); err != nil {
		t.Fatal(err)
	}
	refuse = 3
	event := Event{Type: EventPopup, OpenID: "o1", List: []Item{{TemplateID: "t1", Status: "accept"}}}
	if err := s.Push(event); err != nil || len(bodies) != 4 || bodies[0] != bodies[3] {
		t.Errorf("%v after %d tries: %v", err, len(bodies), bodies)
	}
	refuse = 4
	if err := s.Push(event); err == nil || len(bodies) != 8 {
		t.Errorf("%v after %d tries", err, len(bodies))
	}
}

func TestSetCallbackTriesTheAddress(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	mute := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	t.Cleanup(mute.Close)
	if err := s.SetCallback(Callback{URL: mute.URL, Token: "t", Plain: true}); err == nil {
		t.Error("an address that does not echo was taken")
	}
	if err := s.SetCallback(Callback{URL: mute.URL, Token: "t", AESKey: "short"}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestMediaChecks(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	s.NewUser("o1")
	path := PathMedia + "?access_token=" + token(t, s)
	body := func(change ...string) string {
		b := `{"version":2,"openid":"o1","scene":3,"media_type":2,"media_url":"https://files.example/1"}`
		return strings.NewReplacer(change...).Replace(b)
	}
	expectCode(t, ask(t, s, path, body(`"version":2`, `"version":1`)), 40097)
	expectCode(t, ask(t, s, path, body(`"media_type":2`, `"media_type":3`)), 40097)
	expectCode(t, ask(t, s, path, body("https", "ftp")), 40097)
	expectCode(t, ask(t, s, path, body(`"scene":3`, `"scene":0`)), 40129)
	expectCode(t, ask(t, s, path, body("o1", "o2")), 40003)
	expectCode(t, ask(t, s, path, "{"), 47001)
	s.Picture("silent", Silent, 0)
	s.HoldMedia(true)
	reply := ask(t, s, path, body())
	expectCode(t, reply, 0)
	ask(t, s, path, body("/1", "/silent"))
	s.Wait()
	if n, err := s.TellMedia(); n != 1 || err == nil {
		t.Errorf("%d verdicts, %v; want one, and no callback to take it", n, err)
	}
	if trace, _ := reply["trace_id"].(string); trace == "" || len(s.Checked()) != 2 {
		t.Errorf("got %v, %v", reply, s.Checked())
	}
	s.Advance(3 * time.Hour)
	expectCode(t, ask(t, s, PathMedia+"?access_token="+token(t, s), body()), 61010)
	for _, call := range s.Journal() {
		if strings.Contains(fmt.Sprintf("%+v", call), "files.example") {
			t.Errorf("the journal has the address: %+v", call)
		}
	}
}
