package simulator

import "time"

// PathToken is the path of stable_token. Like all paths here it is without its
// leading slash.
const PathToken = "cgi-bin/stable_token"

const (
	tokenTime = 2 * time.Hour
	// tokenGrace is how long a token stays good after its successor was given,
	// and how long before its end a successor is given at all.
	tokenGrace = 5 * time.Minute
)

// tokenLife is until when a token is good, and whether it was revoked.
type tokenLife struct {
	ends    time.Time
	revoked bool
}

// stableToken answers stable_token: the same token while it has more than five
// minutes to live, then a new one. It refuses a wrong AppID with 40013 and a
// wrong secret with 40125.
func (s *Simulator) stableToken(r request, _ *Call) answer {
	var in struct {
		GrantType    string `json:"grant_type"`
		AppID        string `json:"appid"`
		Secret       string `json:"secret"`
		ForceRefresh bool   `json:"force_refresh"`
	}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	switch {
	case in.GrantType != "client_credential":
		return failure(40002, "invalid grant_type")
	case in.AppID != s.appID:
		return failure(40013, "invalid appid")
	case in.Secret != s.secret:
		return failure(40125, "invalid appsecret, view more at http://t.cn/RAEkdVq")
	}
	now := s.now()
	life := s.tokens[s.token]
	if life != nil && in.ForceRefresh {
		life.revoked = true
	}
	if life == nil || life.revoked || life.ends.Sub(now) <= tokenGrace {
		if life != nil && !life.revoked && now.Before(life.ends) {
			life.ends = now.Add(tokenGrace)
		}
		s.token = "80_" + hexadecimal(66)
		life = &tokenLife{ends: now.Add(tokenTime)}
		s.tokens[s.token] = life
	}
	return answer{"access_token": s.token, "expires_in": int(life.ends.Sub(now) / time.Second)}
}

// RevokeToken makes the present token invalid, as another user of the AppID does
// with force_refresh.
func (s *Simulator) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if life := s.tokens[s.token]; life != nil {
		life.revoked = true
	}
}

// authorise checks the access token of a call; nil means that it is good.
func (s *Simulator) authorise(r request) answer {
	token := r.query.Get("access_token")
	if token == "" {
		return failure(41001, "access_token missing")
	}
	life := s.tokens[token]
	if life == nil || life.revoked {
		return failure(40001, "invalid credential, access_token is invalid or not latest,")
	}
	if !s.now().Before(life.ends) {
		return failure(42001, "access_token expired")
	}
	return nil
}
