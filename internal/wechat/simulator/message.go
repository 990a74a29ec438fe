package simulator

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// PathSend is the path of a subscribe message.
const PathSend = "cgi-bin/message/subscribe/send"

// grantKey is whose consents to what are counted.
type grantKey struct{ openID, templateID string }

// Template declares a template of the account with its field names, such as
// "thing1" or "time3".
func (s *Simulator) Template(id string, fields ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[id] = slices.Clone(fields)
}

// Grant adds n consents of a user, who is made if need be, to a template; a
// negative n takes some back, down to none. It pushes no event: see Push.
func (s *Simulator) Grant(openID, templateID string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(openID)
	key := grantKey{openID, templateID}
	s.grants[key] = max(0, s.grants[key]+n)
}

// Grants returns how many consents a user has left for a template. The platform
// has no such call; it is for tests of our ledger.
func (s *Simulator) Grants(openID, templateID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grants[grantKey{openID, templateID}]
}

// send answers a subscribe message: it checks the recipient, the template, the
// page, the state and each field, then spends a consent.
func (s *Simulator) send(r request, call *Call) answer {
	if bad := s.authorise(r); bad != nil {
		return bad
	}
	var in struct {
		ToUser     string `json:"touser"`
		TemplateID string `json:"template_id"`
		Page       string `json:"page"`
		State      string `json:"miniprogram_state"`
		Data       map[string]struct {
			Value any `json:"value"`
		} `json:"data"`
	}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	fields := make(map[string]string, len(in.Data))
	for name, datum := range in.Data {
		fields[name], _ = datum.Value.(string)
	}
	call.OpenID, call.TemplateID, call.Fields = in.ToUser, in.TemplateID, fields
	wanted, known := s.templates[in.TemplateID]
	key := grantKey{in.ToUser, in.TemplateID}
	switch {
	case s.users[in.ToUser] == nil:
		return failure(40003, "invalid openid")
	case !known:
		return failure(40037, "invalid template_id")
	case in.Page != "" && len(s.pages) > 0 && !s.pages[pageName(in.Page)]:
		return failure(41030, "invalid page")
	case !slices.Contains([]string{"", "formal", "trial", "developer"}, in.State):
		return failure(40097, "invalid args! miniprogram_state")
	}
	if name := wrongField(wanted, fields); name != "" {
		return failure(47003, "argument invalid! data."+name+".value invalid")
	}
	if s.grants[key] == 0 {
		return failure(43101, "user refuse to accept the msg")
	}
	s.grants[key]--
	message := Sent{
		At: s.now(), OpenID: in.ToUser, TemplateID: in.TemplateID, Page: in.Page, State: in.State,
		Fields: maps.Clone(fields), MsgID: strconv.FormatInt(1<<60+rand.Int64N(1<<60), 10),
	}
	s.sent = append(s.sent, message)
	s.tellSent(message)
	id, _ := strconv.ParseInt(message.MsgID, 10, 64)
	reply := success()
	reply["msgid"] = id
	return reply
}

// wrongField returns the first field that is missing, not wanted or ill-formed.
func wrongField(wanted []string, fields map[string]string) string {
	for _, name := range wanted {
		if !ValidField(name, fields[name]) {
			return name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(wanted, name) {
			return name
		}
	}
	return ""
}

// pageName returns a page without its leading slash and its parameters.
func pageName(page string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(page, "/"), "?")
	return name
}
