package wechat

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"yanlu/internal/wechat/simulator"
)

const testScene = "7KQ2MXA9PD"

func TestCode(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t, func(cfg *Config) { cfg.ProgramState = "trial" })
	raw, err := c.Code(t.Context(), testScene, "pages/bind/index")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil || picture.Bounds().Dx() != codeWidth {
		t.Errorf("%v, %v", err, picture.Bounds())
	}
	if want, _ := simulator.Picture(testScene, codeWidth); !bytes.Equal(raw, want) {
		t.Error("the picture is of something else")
	}
	made := sim.Journal()[len(sim.Journal())-1]
	if made.Path != simulator.PathCode || made.Fields["page"] != "pages/bind/index" || made.Fields["env_version"] != "trial" {
		t.Errorf("%+v", made)
	}
	if strings.Contains(strings.Join([]string{made.Fields["scene"], made.Fault}, " "), testScene) {
		t.Error("the journal has the scene")
	}
}

func TestCodeTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scene, page string
		state       string
		fault       *simulator.Fault
		class       Class
		calls       int
	}{
		"thirty-two characters":        {strings.Repeat("a", 32), "pages/bind/index", "formal", nil, OK, 1},
		"every mark that is allowed":   {"!#$&'()*+,/:;=?@-._~", "pages/bind/index", "formal", nil, OK, 1},
		"no scene":                     {"", "pages/bind/index", "formal", nil, BadField, 0},
		"a scene that is too long":     {strings.Repeat("a", 33), "pages/bind/index", "formal", nil, BadField, 0},
		"a Chinese scene":              {"邀请", "pages/bind/index", "formal", nil, BadField, 0},
		"a scene with a space":         {"a b", "pages/bind/index", "formal", nil, BadField, 0},
		"a percent sign":               {"a%20b", "pages/bind/index", "formal", nil, BadField, 0},
		"no page":                      {testScene, "", "formal", nil, BadSetup, 0},
		"a page with parameters":       {testScene, "pages/bind/index?x=1", "formal", nil, BadSetup, 0},
		"a page with a slash":          {testScene, "/pages/bind/index", "formal", nil, BadSetup, 0},
		"a page that is not released":  {testScene, "pages/other/index", "formal", nil, BadSetup, 1},
		"a page that is only tried":    {testScene, "pages/other/index", "trial", nil, OK, 1},
		"a token that is dropped once": {testScene, "pages/bind/index", "formal", &simulator.Fault{Code: 40001}, OK, 2},
		"a token that stays bad":       {testScene, "pages/bind/index", "formal", &simulator.Fault{Code: 40001, Times: 2}, Token, 2},
		"too many in a minute":         {testScene, "pages/bind/index", "formal", &simulator.Fault{Code: 45009}, Busy, 1},
		"busy":                         {testScene, "pages/bind/index", "formal", &simulator.Fault{Code: -1, Message: "busy with " + testScene}, Busy, 1},
		"an account that may not":      {testScene, "pages/bind/index", "formal", &simulator.Fault{Code: 48001}, BadSetup, 1},
		"a gateway":                    {testScene, "pages/bind/index", "formal", &simulator.Fault{Status: 502}, Busy, 1},
		"a line that breaks":           {testScene, "pages/bind/index", "formal", &simulator.Fault{Cut: true}, Busy, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := simulator.Start(simulator.Config{AppID: "wxtest0001", Secret: "very-secret-app-secret", Pages: []string{"pages/bind/index"}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sim.Close() })
			_, rdb := newRedis(t)
			c := newClient(t, sim, rdb, func(cfg *Config) { cfg.ProgramState = test.state })
			if test.fault != nil {
				sim.Fault(simulator.PathCode, *test.fault)
			}
			picture, err := c.Code(t.Context(), test.scene, test.page)
			if Classify(err) != test.class || (err == nil) != (len(picture) > 0) {
				t.Errorf("%d bytes, %v", len(picture), err)
			}
			if err != nil && test.scene == testScene && strings.Contains(err.Error(), testScene) {
				t.Errorf("the error repeats the code: %v", err)
			}
			if n := sim.Calls(simulator.PathCode); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
}

// TestAnAnswerThatIsNoPictureIsAnError holds that nothing else is printed.
func TestAnAnswerThatIsNoPictureIsAnError(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"success without a picture": `{"errcode":0,"errmsg":"ok"}`, "a page": "<html></html>", "nothing": "", "a GIF": "GIF89a",
		"too much": "\xff\xd8\xff" + strings.Repeat("x", maxAnswer),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStub(t, func(path, _ string) string {
				if path == simulator.PathToken {
					return ""
				}
				return answer
			})
			if picture, err := c.Code(t.Context(), testScene, "pages/bind/index"); Classify(err) != Busy || picture != nil {
				t.Errorf("%d bytes, %v", len(picture), err)
			}
		})
	}
}
