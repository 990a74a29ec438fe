package simulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	pushTimeout = 5 * time.Second
	pushTries   = 1 + 3
	pushPause   = 20 * time.Millisecond
)

// Callback is where and how events are pushed: encrypted unless Plain, in JSON
// unless XML.
type Callback struct {
	URL, Token, AESKey string
	Plain, XML         bool
}

// SetCallback sets where events are pushed, after it has tried the address with
// a signed GET as the platform's console does: the address must answer the
// echostr. The address must be on loopback. An empty URL ends the pushing.
func (s *Simulator) SetCallback(cb Callback) error {
	if cb.URL == "" {
		s.setCallback(nil)
		return nil
	}
	address, err := url.Parse(cb.URL)
	if err != nil || address.Scheme != "http" || !isLoopback(address.Host) {
		return errors.New("simulator: pushes go to http on loopback only")
	}
	if _, err := decodeKey(cb.AESKey); err != nil && !cb.Plain {
		return err
	}
	query, echo := s.signedQuery(cb), hexadecimal(10)
	query.Set("echostr", echo)
	resp, err := s.pusher.Get(withQuery(cb.URL, query))
	if err != nil {
		return fmt.Errorf("simulator: the callback does not answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil || resp.StatusCode != http.StatusOK || string(body) != echo {
		return errors.New("simulator: the callback does not echo")
	}
	s.setCallback(&cb)
	return nil
}

func (s *Simulator) setCallback(cb *Callback) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callback = cb
}

// Push pushes events to the callback, one after the other. One whose answer is
// not "success" within five seconds is sent again, up to three times, the same
// message newly sealed; when all fail, the error says so and the next event
// follows. Push changes nothing else: see Grant.
func (s *Simulator) Push(events ...Event) error {
	s.mu.Lock()
	cb, now := s.callback, s.now()
	s.mu.Unlock()
	if cb == nil {
		return errors.New("simulator: no callback is set")
	}
	var failed []error
	for _, event := range events {
		if event.At.IsZero() {
			event.At = now
		}
		if err := s.deliver(*cb, event); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Wait waits for the pushes that follow from messages and checks.
func (s *Simulator) Wait() { s.pushes.Wait() }

// tellSent pushes that a message arrived, without holding up the call. It runs
// under the lock.
func (s *Simulator) tellSent(m Sent) {
	if s.callback == nil {
		return
	}
	cb := *s.callback
	event := Event{Type: EventSent, OpenID: m.OpenID, At: m.At, List: []Item{
		{TemplateID: m.TemplateID, MsgID: m.MsgID, ErrorStatus: "success"},
	}}
	s.pushes.Go(func() { _ = s.deliver(cb, event) })
}

// deliver tries to push one event until it is taken.
func (s *Simulator) deliver(cb Callback, event Event) error {
	message, err := event.json(s.appID)
	if cb.XML {
		message, err = event.xml(s.appID)
	}
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	for try := 0; try < pushTries; try++ {
		if try > 0 {
			time.Sleep(pushPause)
		}
		call := Call{Path: "push/" + event.Type, OpenID: event.OpenID}
		call.Status, err = s.post(cb, message, event.OpenID)
		if err != nil {
			call.Fault = err.Error()
		}
		s.note(call)
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("simulator: %s was not taken: %w", event.Type, err)
}

// post makes one try: it signs, seals and sends.
func (s *Simulator) post(cb Callback, message []byte, openID string) (int, error) {
	query := s.signedQuery(cb)
	query.Set("openid", openID)
	body := message
	if !cb.Plain {
		key, err := decodeKey(cb.AESKey)
		if err != nil {
			return 0, err
		}
		encrypted, err := seal(key, s.appID, message)
		if err != nil {
			return 0, err
		}
		query.Set("encrypt_type", "aes")
		query.Set("msg_signature", signature(cb.Token, query.Get("timestamp"), query.Get("nonce"), encrypted))
		if body, err = envelope(cb.XML, encrypted); err != nil {
			return 0, err
		}
	}
	contentType := "application/json"
	if cb.XML {
		contentType = "text/xml"
	}
	resp, err := s.pusher.Post(withQuery(cb.URL, query), contentType, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("no answer")
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil || resp.StatusCode != http.StatusOK || string(reply) != "success" {
		return resp.StatusCode, errors.New("the answer is not success")
	}
	return resp.StatusCode, nil
}

// envelope writes what stands around an encrypted message.
func envelope(inXML bool, encrypted string) ([]byte, error) {
	if !inXML {
		return json.Marshal(map[string]string{"ToUserName": account, "Encrypt": encrypted})
	}
	return xml.Marshal(element{XMLName: xml.Name{Local: "xml"}, Children: []element{
		leaf("ToUserName", account), leaf("Encrypt", encrypted),
	}})
}

func (s *Simulator) signedQuery(cb Callback) url.Values {
	timestamp, nonce := strconv.FormatInt(s.Now().Unix(), 10), strconv.FormatInt(time.Now().UnixNano()%1e10, 10)
	return url.Values{
		"timestamp": {timestamp}, "nonce": {nonce}, "signature": {signature(cb.Token, timestamp, nonce)},
	}
}

func withQuery(address string, query url.Values) string {
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	return address + join + query.Encode()
}

func newPusher() *http.Client {
	return &http.Client{
		Timeout:       pushTimeout,
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
