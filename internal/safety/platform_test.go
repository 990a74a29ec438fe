package safety_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// newStudio returns a desk that the platform reaches from outside: it fetches pictures
// there, and pushes its verdicts to it.
func newStudio(t *testing.T) *desk {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	var cb simulator.Callback
	d := newDesk(t, func(c *config.Config) {
		c.PublicURL = server.URL
		cb = simulator.Callback{URL: server.URL + "/wechat/callback", Token: c.WeChat.CallbackToken.Reveal(), AESKey: c.WeChat.CallbackAESKey.Reveal()}
	})
	handler = d.API
	if err := d.Sim.SetCallback(cb); err != nil {
		t.Fatal(err)
	}
	return d
}

// hand hands in a suggestion with a picture.
func (d *desk) hand() string {
	d.T.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		d.T.Fatal(err)
	}
	id := d.Uploaded(apptest.Author, "路灯.jpg", b.Bytes())
	var v struct{ ID string }
	d.Post(apptest.Author, "/v1/suggestions", map[string]any{
		"title": "路灯", "body": harmless, "category": "CITY", "pictures": []string{id},
	}).Into(d.T, 201, &v)
	return v.ID
}

// picture returns the check of the one picture of a matter.
func (d *desk) picture(matterID string) safety.Check {
	d.T.Helper()
	for _, c := range d.checks(matterID) {
		if c.AttachmentID != nil {
			return c
		}
	}
	d.T.Fatal("no picture is checked")
	return safety.Check{}
}

// shows tells how many pictures somebody is shown of a matter.
func (d *desk) shows(name, matterID string) int {
	d.T.Helper()
	var v struct{ Attachments []struct{ ID string } }
	d.Get(name, "/v1/suggestions/"+matterID).Into(d.T, 200, &v)
	return len(v.Attachments)
}

// The platform fetches a picture by its link, and what it calls risky is kept
// from others until staff release it.
func TestThePlatformLooksAtPictures(t *testing.T) {
	t.Parallel()
	for suggest, held := range map[string]bool{"pass": false, "review": false, "risky": true} {
		t.Run(suggest, func(t *testing.T) {
			t.Parallel()
			d := newStudio(t)
			d.Sim.Picture("/v1/files/", suggest, 20002)
			id := d.hand()
			d.Write(func(tx *store.Tx) error {
				tx.Exec("UPDATE matters SET visibility = 'MEMBERS' WHERE id = ?", id)
				return nil
			})
			d.step()
			d.Sim.Wait()
			c := d.picture(id)
			if c.Suggest != safety.Suggest(suggest) || c.ErrorCode != 0 {
				t.Fatalf("%+v", c)
			}
			others := 1
			if held {
				others = 0
			}
			for name, want := range map[string]int{apptest.Author: 1, apptest.Staff: 1, apptest.OtherMember: others} {
				if n := d.shows(name, id); n != want {
					t.Errorf("%s is shown %d pictures, want %d", name, n, want)
				}
			}
			if !held {
				return
			}
			f := d.reads(apptest.Staff, id)
			if len(f) != 1 || f[0].Label != "色情" {
				t.Fatalf("staff read %+v", f)
			}
			d.Post(apptest.Staff, "/v1/checks/"+f[0].ID+"/decide", map[string]any{"version": f[0].Version, "decision": "CLEAR", "reason": "是一盏路灯。"}).Want(t, 200)
			if n := d.shows(apptest.OtherMember, id); n != 1 {
				t.Errorf("after its release others are shown %d pictures", n)
			}
			for _, call := range d.Sim.Journal() {
				if strings.Contains(call.Path, "/v1/files/") || call.Fields["media_url"] != "" {
					t.Errorf("the journal has the address: %+v", call)
				}
			}
			if strings.Contains(d.Log.String(), "/v1/files/") {
				t.Errorf("the log has a link:\n%s", d.Log)
			}
		})
	}
}

// The verdict is faster than the answer to the call, comes twice, and fails once
// on its way.
func TestAFastVerdictOfThePlatform(t *testing.T) {
	t.Parallel()
	d := newStudio(t)
	d.Sim.Picture("/v1/files/", "risky", 20002)
	d.Sim.Fault(simulator.PathMedia, simulator.Fault{Delay: 200 * time.Millisecond, AfterEffect: true})
	id := d.hand()
	d.step()
	d.Sim.Wait()
	if c := d.picture(id); c.State != safety.Marked {
		t.Errorf("%+v", c)
	}
}

// An answer that is lost means another call; the verdict on the first is nobody's.
func TestALostAnswerOfThePlatform(t *testing.T) {
	t.Parallel()
	d := newStudio(t)
	d.Sim.Fault(simulator.PathMedia, simulator.Fault{Cut: true, AfterEffect: true})
	id := d.hand()
	d.step()
	d.Sim.Wait()
	if c := d.picture(id); c.State != safety.Queued {
		t.Fatalf("%+v", c)
	}
	d.pass(time.Minute)
	d.step()
	d.Sim.Wait()
	if c := d.picture(id); c.State != safety.Passed || d.Sim.Calls(simulator.PathMedia) != 2 {
		t.Errorf("%+v", c)
	}
}

// Without an address nothing goes out.
func TestPicturesStayWithoutAPublicAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.hand()
	d.step()
	if c := d.picture(id); c.State != safety.Unchecked || d.Sim.Calls(simulator.PathMedia) != 0 {
		t.Errorf("%+v", c)
	}
	if f := d.reads(apptest.Staff, id); len(f) != 1 || f[0].State != "UNCHECKED" || d.shows(apptest.Staff, id) != 1 {
		t.Errorf("staff read %+v", f)
	}
}
