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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
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

// TestNumbersHaveNoGapAndNoDouble holds it, of every kind, for a hundred at once of
// the act by which a matter gets its number, each of another matter.
func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	const n = 100
	s := newStage(t)
	tokens := []string{s.Token(apptest.Staff), s.Token(apptest.ProposalStaff)}
	for _, h := range s.Matters.Heads() {
		before, rule, first := s.numbering(h)
		calls := make([]apptest.Call, n)
		for i := range calls {
			x := s.bring(h, before)
			calls[i] = apptest.Call{Method: http.MethodPost, Path: x.path + "/" + rule.Action, Token: tokens[i%2], Body: s.sample(h, rule, x.version)}
		}
		numbers := together(n, func(i int) string {
			var v state
			a := s.Send(calls[i])
			if a.Status != http.StatusOK {
				t.Errorf("%s of %s: %d %s", rule.Action, h.Kind, a.Status, a.Body)
			}
			_ = json.Unmarshal(a.Body, &v)
			return v.Number
		})
		slices.Sort(numbers)
		scope, isFirst := strings.CutSuffix(first, "1号")
		if !isFirst {
			t.Errorf("the first %s has the number %s", h.Kind, first)
		}
		var want []string
		for i := range n {
			want = append(want, fmt.Sprintf("%s%d号", scope, i+2))
		}
		slices.Sort(want)
		if !slices.Equal(numbers, want) {
			t.Errorf("numbers of %s: %v", h.Kind, numbers)
		}
	}
}

// numbering finds the act by which a matter of a kind gets its number on its way to
// units, and the state before it, with the number that it gave the first.
func (s *stage) numbering(h matter.Head) (before workflow.Status, rule workflow.Rule, number string) {
	s.T.Helper()
	x := s.open(h, handling.Handling)
	for _, r := range route(h.Flow, x.status, handling.Handling) {
		before, x = x.status, s.lead(h, x, r.To[0])
		var v state
		if s.Get(apptest.Staff, x.path).Into(s.T, http.StatusOK, &v); v.Number != "" {
			return before, r, v.Number
		}
	}
	s.T.Fatalf("no act gives a %s its number", h.Kind)
	return "", workflow.Rule{}, ""
}

// TestOneOfManyHandsUp holds that of sixteen who hand one matter up to the parent, on
// two telephones, one does it: the parent has it once. It is for every kind that is
// handed up.
func TestOneOfManyHandsUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	city := putAbove(s.World, s.County.ID, "天河市政协", institution.Prefecture)
	s.Write(func(tx *store.Tx) error { // what is gathered for the body above is for this one
		tx.Exec("UPDATE collections SET here = ? WHERE body <> ''", true)
		return nil
	})
	tokens := []string{s.Token(apptest.Staff), s.Token(apptest.ProposalStaff)}
	for _, h := range s.Matters.Heads() {
		if h.Upward == nil {
			continue
		}
		rule, _ := h.Flow.Rule("hand_up")
		for range 10 {
			x := s.bring(h, rule.From[0])
			codes := together(16, func(i int) string {
				a := s.Send(apptest.Call{Method: http.MethodPost, Path: x.path + "/hand_up", Token: tokens[i%2], Body: map[string]any{"version": x.version}})
				if a.Status == http.StatusOK {
					return "won"
				}
				return a.Code()
			})
			slices.Sort(codes)
			for _, c := range slices.Compact(slices.Clone(codes)) {
				if !slices.Contains([]string{"won", "matter.stale", "matter.not_now", "matter.handed_up"}, c) {
					t.Errorf("one who lost was told %q", c)
				}
			}
			var above int64
			err := s.DB.Gorm(t.Context()).Model(&matter.Matter{}).Where("origin_id = ? AND institution_id = ?", x.matter, city.institution.ID).Count(&above).Error
			if won := slices.Index(codes, "won"); err != nil || above != 1 || won != len(codes)-1 || len(uppersOf(s.World, x.matter)) != 1 {
				t.Errorf("%d of %s are above, %v: %v", above, h.Kind, err, codes)
			}
		}
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
