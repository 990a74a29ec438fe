package simulator

import (
	"strings"
	"time"
	"unicode/utf8"
)

// PathCheck is the path of the text check.
const PathCheck = "wxa/msg_sec_check"

const (
	maxText  = 2500
	seenTime = 2 * time.Hour // within which a user must have been seen
)

// keyword is a word that makes a text suspect.
type keyword struct {
	word, suggest string
	label         int
}

// suspicion orders the advices.
var suspicion = map[string]int{"pass": 0, "review": 1, "risky": 2}

// Keyword scripts the text check: a text that contains the word is "review" or
// "risky" with the label. A text without any such word passes with label 100.
func (s *Simulator) Keyword(word, suggest string, label int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keywords = append(s.keywords, keyword{word, suggest, label})
}

// checkText answers msg_sec_check, version 2.
func (s *Simulator) checkText(r request, call *Call) answer {
	if bad := s.authorise(r); bad != nil {
		return bad
	}
	var in struct {
		Version  int    `json:"version"`
		OpenID   string `json:"openid"`
		Scene    int    `json:"scene"`
		Content  string `json:"content"`
		Title    string `json:"title"`
		Nickname string `json:"nickname"`
	}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	call.OpenID = in.OpenID
	u := s.users[in.OpenID]
	switch {
	case in.Version != 2:
		return failure(40097, "invalid args! version")
	case in.Scene < 1 || in.Scene > 4:
		return failure(40129, "invalid scene")
	case in.Content == "":
		return failure(44004, "empty content")
	case utf8.RuneCountInString(in.Content) > maxText:
		return failure(45002, "content size out of limit")
	case u == nil:
		return failure(40003, "invalid openid")
	case s.now().Sub(u.seen) > seenTime:
		return failure(61010, "code is expired")
	}
	s.checked = append(s.checked, Checked{At: s.now(), OpenID: in.OpenID, Scene: in.Scene, Title: in.Title, Content: in.Content})
	found := keyword{suggest: "pass", label: 100}
	whole := in.Title + "\n" + in.Nickname + "\n" + in.Content
	for _, k := range s.keywords {
		if strings.Contains(whole, k.word) && suspicion[k.suggest] > suspicion[found.suggest] {
			found = k
		}
	}
	verdict := map[string]any{"suggest": found.suggest, "label": found.label}
	reply := success()
	reply["trace_id"] = rid()
	reply["result"] = verdict
	reply["detail"] = []any{map[string]any{
		"strategy": "content_model", "errcode": 0, "suggest": found.suggest, "label": found.label, "prob": 90,
	}}
	return reply
}
