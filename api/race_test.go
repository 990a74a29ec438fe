package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/internal/app/apptest"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// TestAStaleActIsRefused holds that an act from an older version is refused
// where the state alone would allow it.
func TestAStaleActIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	path := "/v1/suggestions/" + s.ID
	act(w, apptest.Staff, path+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"})
	a := w.Post(apptest.Staff, path+"/dispatch", map[string]any{"version": s.Version, "lead_unit_id": w.Units[0].ID})
	if a.Status != http.StatusConflict || a.Code() != "matter.stale" {
		t.Errorf("dispatch from the version before: %d %s", a.Status, a.Body)
	}
	if v := look(w, apptest.Staff, s.ID); v.Status != "ACCEPTED" || len(v.Assignments) != 0 || v.Version != 2 {
		t.Errorf("a refused act left %+v", v)
	}
}

// TestOnlyOneStepWins holds that of sixteen who act on one version of a matter
// one does it, on twenty matters of each kind: by the first action of its table
// that the office has for what was handed in.
func TestOnlyOneStepWins(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	token := s.Token(apptest.Staff)
	for _, h := range s.Matters.Heads() {
		in := h.Flow.Rules[0].To[0]
		first := slices.IndexFunc(h.Flow.Rules, func(r workflow.Rule) bool {
			return slices.Contains(r.From, in) && !r.Stays() && slices.Contains(r.Who, member.InfoStaff)
		})
		rule := h.Flow.Rules[first]
		for range 20 {
			x := s.bring(h, in)
			body := s.sample(h, rule, x.version)
			codes := together(16, func(int) string {
				a := s.Send(apptest.Call{Method: http.MethodPost, Path: x.path + "/" + rule.Action, Token: token, Body: body})
				if a.Status == http.StatusOK {
					return "won"
				}
				return a.Code()
			})
			won := 0
			for _, c := range codes {
				switch c {
				case "won":
					won++
				case "matter.stale", "matter.not_now":
				default:
					t.Errorf("one who lost %s.%s was told %q", h.Kind, rule.Action, c)
				}
			}
			if won != 1 {
				t.Errorf("%d won %s.%s", won, h.Kind, rule.Action)
			}
			var events int64
			err := s.DB.Gorm(t.Context()).Model(&matter.Event{}).Where("matter_id = ? AND action = ?", x.matter, rule.Action).Count(&events).Error
			if err != nil || events != 1 {
				t.Errorf("%d lines of %s.%s, %v", events, h.Kind, rule.Action, err)
			}
		}
	}
}

// TestNumbersHaveNoGapAndNoDouble holds it for two hundred acceptances at once,
// each of another matter.
func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	const n = 200
	w := apptest.New(t)
	token, ids := w.Token(apptest.Staff), make([]string, n)
	for i := range ids {
		ids[i] = submit(w, apptest.Author).ID
		act(w, apptest.Staff, "/v1/suggestions/"+ids[i]+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"})
	}
	numbers := together(n, func(i int) string {
		var s state
		a := w.Send(apptest.Call{
			Method: http.MethodPost, Path: "/v1/suggestions/" + ids[i] + "/dispatch", Token: token, Body: map[string]any{"version": 2, "lead_unit_id": w.Units[0].ID},
		})
		if a.Status != http.StatusOK {
			t.Errorf("dispatch %d: %d %s", i, a.Status, a.Body)
		}
		_ = json.Unmarshal(a.Body, &s)
		return s.Number
	})
	slices.Sort(numbers)
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("2026年第%d号", i+1))
	}
	slices.Sort(want)
	if !slices.Equal(numbers, want) {
		t.Errorf("numbers: %v", numbers)
	}
}

// together runs fn n times at once.
func together[T any](n int, fn func(i int) T) []T {
	results, start := make([]T, n), make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			results[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return results
}

// TestASubmissionOverABadLineIsOneMatter sends a submission with one key over
// connections that are cut at any byte, on the way there and back, and by two
// at once, until it is answered. There must be one matter, and one answer.
func TestASubmissionOverABadLineIsOneMatter(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	token := w.Token(apptest.Author)
	server := httptest.NewServer(w.API)
	t.Cleanup(server.Close)
	cuts := rand.New(rand.NewPCG(7, 11))
	line := badLine(t, server.Listener.Addr().String(), func() (int, int) {
		if cuts.IntN(3) == 0 {
			return 1 << 20, 1 << 20 // a good moment
		}
		return cuts.IntN(900), cuts.IntN(700)
	})

	var answers sync.Map
	const submissions = 12
	keys := make([]string, submissions)
	for i := range keys {
		keys[i] = uuid.NewString()
		body, err := json.Marshal(submission(fmt.Sprintf("第%d件建议", i)))
		if err != nil {
			t.Fatal(err)
		}
		together(2, func(int) error {
			answer, err := insist(t.Context(), "http://"+line+"/v1/suggestions", token, keys[i], body)
			if err != nil {
				t.Error(err)
			}
			if earlier, loaded := answers.LoadOrStore(keys[i], answer); loaded && earlier != answer {
				t.Errorf("two answers for one key:\n%s\n%s", earlier, answer)
			}
			return nil
		})
	}
	var matters int64
	if err := w.DB.Gorm(t.Context()).Model(&matter.Matter{}).Count(&matters).Error; err != nil || matters != submissions {
		t.Errorf("%d matters of %d submissions, %v", matters, submissions, err)
	}
	var kept int64
	if err := w.DB.Gorm(t.Context()).Model(&store.Once{}).Where("key IN ?", keys).Count(&kept).Error; err != nil || kept != submissions {
		t.Errorf("%d answers kept, %v", kept, err)
	}
}

// insist sends a request again, each time on a new connection, until an answer
// arrives whole.
func insist(ctx context.Context, url, token, key string, body []byte) (string, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for range 200 {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return "", err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			continue
		}
		got, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			continue
		}
		if answer.StatusCode != http.StatusCreated {
			return "", fmt.Errorf("status %d: %s", answer.StatusCode, got)
		}
		return string(got), nil
	}
	return "", errors.New("no answer in two hundred tries")
}

// badLine listens and passes bytes on to a server, but cuts each connection
// after as many bytes there and back as cut says. It returns its address.
func badLine(t *testing.T, server string, cut func() (there, back int)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			there, back := cut()
			mu.Unlock()
			go pass(near, server, there, back)
		}
	}()
	return l.Addr().String()
}

func pass(near net.Conn, server string, there, back int) {
	far, err := net.Dial("tcp", server)
	if err != nil {
		_ = near.Close()
		return
	}
	var once sync.Once
	hangUp := func() { once.Do(func() { _ = near.Close(); _ = far.Close() }) }
	go func() {
		_, _ = io.CopyN(far, near, int64(there))
		hangUp()
	}()
	_, _ = io.CopyN(near, far, int64(back))
	hangUp()
}
