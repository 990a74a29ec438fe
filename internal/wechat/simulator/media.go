package simulator

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// PathMedia is the path of the check of pictures and sounds.
const PathMedia = "wxa/media_check_async"

// EventMedia is the event that brings a verdict on one.
const EventMedia = "wxa_media_check"

// What a picture may be scripted to come to besides "review" and "risky".
const (
	Unreachable = "unreachable" // -1008, whether it can be fetched or not
	Silent      = "silent"      // no verdict ever comes
)

const (
	maxMedia     = 10 << 20
	fetchTimeout = 2 * time.Second
	unfetched    = -1008
	mediaAccount = "oPlatformMediaChecker0000001" // whom the event names
)

// Media is the verdict that an event brings: with an ErrCode no advice.
type Media struct {
	TraceID string
	ErrCode int
	Suggest string
	Label   int
}

// Checked is a text or a picture that was given to a check and taken.
type Checked struct {
	At             time.Time
	OpenID         string
	Scene          int
	Title, Content string // of a text
	Address        string // of a picture
}

// Checked returns what was checked, the oldest first.
func (s *Simulator) Checked() []Checked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Checked(nil), s.checked...)
}

// Picture scripts the media check: a picture whose address has the word is
// "review" or "risky" with the label, or Unreachable, or Silent. Another passes
// with label 100.
func (s *Simulator) Picture(word, suggest string, label int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pictures = append(s.pictures, keyword{word, suggest, label})
}

// HoldMedia keeps verdicts back until TellMedia, or lets them go by themselves
// again.
func (s *Simulator) HoldMedia(hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holdMedia = hold
}

// TellMedia pushes the verdicts that were kept back, in their order, and returns
// how many there were.
func (s *Simulator) TellMedia() (int, error) {
	s.mu.Lock()
	waiting := s.waitingMedia
	s.waitingMedia = nil
	s.mu.Unlock()
	return len(waiting), s.Push(waiting...)
}

// checkMedia answers media_check_async, version 2.
func (s *Simulator) checkMedia(r request, call *Call) answer {
	if bad := s.authorise(r); bad != nil {
		return bad
	}
	var in struct {
		Version   int    `json:"version"`
		OpenID    string `json:"openid"`
		Scene     int    `json:"scene"`
		MediaURL  string `json:"media_url"`
		MediaType int    `json:"media_type"`
	}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	call.OpenID = in.OpenID
	u := s.users[in.OpenID]
	address, err := url.Parse(in.MediaURL)
	switch {
	case in.Version != 2:
		return failure(40097, "invalid args! version")
	case in.Scene < 1 || in.Scene > 4:
		return failure(40129, "invalid scene")
	case in.MediaType != 1 && in.MediaType != 2:
		return failure(40097, "invalid args! media_type")
	case err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" || utf8.RuneCountInString(in.MediaURL) > 2048:
		return failure(40097, "invalid args! media_url")
	case u == nil:
		return failure(40003, "invalid openid")
	case s.now().Sub(u.seen) > seenTime:
		return failure(61010, "code is expired")
	}
	s.checked = append(s.checked, Checked{At: s.now(), OpenID: in.OpenID, Scene: in.Scene, Address: in.MediaURL})
	found := keyword{suggest: "pass", label: 100}
	for _, k := range s.pictures {
		if strings.Contains(in.MediaURL, k.word) {
			found = k
			break
		}
	}
	trace := rid()
	s.judge(address, Media{TraceID: trace, Suggest: found.suggest, Label: found.label})
	reply := success()
	reply["trace_id"] = trace
	return reply
}

// judge fetches a picture and tells the verdict, without holding up the call. It
// runs under the lock.
func (s *Simulator) judge(address *url.URL, m Media) {
	if m.Suggest == Silent {
		return
	}
	now, hold := s.now(), s.holdMedia
	s.pushes.Go(func() {
		if m.Suggest == Unreachable || s.fetch(address) != nil {
			m = Media{TraceID: m.TraceID, ErrCode: unfetched}
		}
		event := Event{Type: EventMedia, OpenID: mediaAccount, At: now, Media: &m}
		if !hold {
			_ = s.Push(event)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waitingMedia = append(s.waitingMedia, event)
	})
}

// fetch gets a picture, where its address is on loopback: the simulator speaks to
// no other host, and takes a picture there as fetched.
func (s *Simulator) fetch(address *url.URL) error {
	if !isLoopback(address.Host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return err
	}
	resp, err := s.pusher.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "image/") || resp.ContentLength > maxMedia {
		return errors.New("no picture")
	}
	return nil
}

// put writes the verdict into the event's JSON. The label is a string, as is
// reported.
func (m Media) put(appID string, message map[string]any) {
	message["appid"], message["trace_id"], message["version"], message["errcode"] = appID, m.TraceID, 2, m.ErrCode
	if m.ErrCode != 0 {
		message["errmsg"] = "the media cannot be fetched"
		return
	}
	message["errmsg"] = "ok"
	message["result"] = map[string]any{"suggest": m.Suggest, "label": strconv.Itoa(m.Label)}
	message["detail"] = []any{map[string]any{"strategy": "content_model", "errcode": 0, "suggest": m.Suggest, "label": m.Label, "prob": 90}}
}

// elements writes the verdict for the event's XML.
func (m Media) elements(appID string) []element {
	children := []element{leaf("appid", appID), leaf("trace_id", m.TraceID), leaf("version", "2"), leaf("errcode", strconv.Itoa(m.ErrCode))}
	if m.ErrCode != 0 {
		return append(children, leaf("errmsg", "the media cannot be fetched"))
	}
	result := named("result", leaf("suggest", m.Suggest), leaf("label", strconv.Itoa(m.Label)))
	return append(children, leaf("errmsg", "ok"), result)
}
