package simulator

import (
	"encoding/base64"
	"time"
)

// The paths of code2session and of the telephone number.
const (
	PathLogin = "sns/jscode2session"
	PathPhone = "wxa/business/getuserphonenumber"
)

// codeTime is how long a code works.
const codeTime = 5 * time.Minute

type user struct {
	unionID string
	seen    time.Time // last in the mini-program
}

type loginCode struct {
	openID string
	ends   time.Time
	used   bool
}

type phoneCode struct {
	openID, country, number string
	ends                    time.Time
	used                    bool
}

// NewUser makes a user who is in the mini-program just now. A user who is there
// already is only seen again.
func (s *Simulator) NewUser(openID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(openID)
}

// SetUnionID gives a user, who is made if need be, a unionid; without one, a
// login tells none.
func (s *Simulator) SetUnionID(openID, unionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(openID).unionID = unionID
}

func (s *Simulator) see(openID string) *user {
	u := s.users[openID]
	if u == nil {
		u = &user{}
		s.users[openID] = u
	}
	u.seen = s.now()
	return u
}

// LoginCode returns what wx.login gives a user, who is made if need be: a code
// that works once, for five minutes.
func (s *Simulator) LoginCode(openID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(openID)
	code := "0" + hexadecimal(16)[1:]
	s.loginCodes[code] = &loginCode{openID: openID, ends: s.now().Add(codeTime)}
	return code
}

// PhoneCode returns what a getPhoneNumber button gives a user, who is made if
// need be: a code that works once, for five minutes, for a number of China's.
func (s *Simulator) PhoneCode(openID, number string) string {
	return s.ForeignPhoneCode(openID, "86", number)
}

// ForeignPhoneCode is PhoneCode for a number with another country's code.
func (s *Simulator) ForeignPhoneCode(openID, country, number string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(openID)
	code := hexadecimal(32)
	s.phoneCodes[code] = &phoneCode{openID: openID, country: country, number: number, ends: s.now().Add(codeTime)}
	return code
}

// codeToSession answers code2session.
func (s *Simulator) codeToSession(r request, call *Call) answer {
	switch {
	case r.query.Get("grant_type") != "authorization_code":
		return failure(40002, "invalid grant_type,")
	case r.query.Get("appid") != s.appID:
		return failure(40013, "invalid appid,")
	case r.query.Get("secret") != s.secret:
		return failure(40125, "invalid appsecret,")
	}
	code := s.loginCodes[r.query.Get("js_code")]
	switch {
	case code == nil:
		return failure(40029, "invalid code,")
	case code.used:
		return failure(40163, "code been used,")
	case !s.now().Before(code.ends):
		return failure(40029, "invalid code,")
	}
	code.used = true
	u := s.see(code.openID)
	call.OpenID = code.openID
	reply := answer{"openid": code.openID, "session_key": base64.StdEncoding.EncodeToString([]byte(hexadecimal(8)))}
	if u.unionID != "" {
		reply["unionid"] = u.unionID
	}
	return reply
}

// phoneNumber answers getuserphonenumber. The country code is a number for
// China and a string for others: the platform's documents have both.
func (s *Simulator) phoneNumber(r request, call *Call) answer {
	if bad := s.authorise(r); bad != nil {
		return bad
	}
	var in struct {
		Code   string `json:"code"`
		OpenID string `json:"openid"`
	}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	code := s.phoneCodes[in.Code]
	if code == nil || code.used || !s.now().Before(code.ends) || in.OpenID != "" && in.OpenID != code.openID {
		return failure(40029, "invalid code")
	}
	code.used = true
	call.OpenID = code.openID
	var country any = code.country
	full := "+" + code.country + code.number
	if code.country == "86" {
		country, full = 86, code.number
	}
	reply := success()
	reply["phone_info"] = map[string]any{
		"phoneNumber": full, "purePhoneNumber": code.number, "countryCode": country,
		"watermark": map[string]any{"timestamp": s.now().Unix(), "appid": s.appID},
	}
	return reply
}
