package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of logging in at a desk.
var (
	ErrNoDesk    = fault.New(fault.NotFound, "account.no_desk", "没有找到这次电脑登录，二维码可能已经失效。请在电脑上刷新二维码再扫。")
	ErrDeskOver  = fault.New(fault.Conflict, "account.desk_over", "这个二维码已经用过或已失效。请在电脑上刷新二维码再扫。")
	ErrDeskDown  = fault.New(fault.Unavailable, "account.desk_down", "电脑扫码登录暂时用不了，请过一会儿再试。手机上的小程序不受影响。")
	ErrPhoneOnly = fault.New(fault.Forbidden, "account.phone_only", "这一步要在手机上的小程序里做。")
)

// deskLife is how long somebody may take to scan, compare and confirm.
const deskLife = 2 * time.Minute

// deskKept is how long a ticket that is over is told from one that never was.
const deskKept = 10 * time.Minute

// Tickets keeps, for all processes, what lives for minutes. Any error means that
// it does not answer.
type Tickets interface {
	// Keep keeps a ticket for so long.
	Keep(ctx context.Context, id, ticket string, life time.Duration) error
	// Find returns a ticket, empty where there is none.
	Find(ctx context.Context, id string) (string, error)
	// Change replaces a ticket, for the rest of its time, and reports whether it
	// still was what it is taken for.
	Change(ctx context.Context, id, was, is string) (bool, error)
}

// DeskState is where a login at a desk stands.
type DeskState string

// The states.
const (
	DeskWaiting   DeskState = "WAITING"   // for a telephone
	DeskConfirmed DeskState = "CONFIRMED" // on the telephone, for the browser to come
	DeskRefused   DeskState = "REFUSED"
	DeskExpired   DeskState = "EXPIRED"
	DeskDone      DeskState = "DONE"
)

// DeskLogin is the ticket of somebody at a desk who wants to log in: whoever
// scans its code on a telephone says whether it is them. The browser that asked
// for it proves itself by a secret.
type DeskLogin struct {
	ID         string
	State      DeskState
	Digits     string // shown on both screens, to be compared
	Device     string // the browser, in words
	Network    string // from which it asks, shortened
	SecretHash string
	EndsAt     time.Time
	SessionID  string // of the telephone that confirmed
}

// NewDeskSecret returns what a browser proves itself by.
func NewDeskSecret() string {
	secret, _ := newToken()
	return secret
}

// OpenDesk makes the ticket of a browser that proves itself by a secret.
func (s *Service) OpenDesk(ctx context.Context, secret, device, network string) (DeskLogin, error) {
	n, _ := rand.Int(rand.Reader, big.NewInt(10_000)) // never fails, by its contract
	d := DeskLogin{
		ID: store.NewID(), State: DeskWaiting, Digits: fmt.Sprintf("%04d", n), Device: device, Network: network,
		SecretHash: hashToken(secret), EndsAt: s.now().Add(deskLife),
	}
	if err := s.tickets.Keep(ctx, d.ID, d.text(), deskKept); err != nil {
		return DeskLogin{}, fmt.Errorf("%w: %w", ErrDeskDown, err)
	}
	return d, nil
}

// DeskLogin returns a login at a desk to whoever has scanned its code.
func (s *Service) DeskLogin(ctx context.Context, c Caller, id string) (DeskLogin, error) {
	if c.Desk {
		return DeskLogin{}, ErrPhoneOnly
	}
	d, _, err := s.desk(ctx, id)
	return d, err
}

// ConfirmDesk lets the desk log in as the caller. Once anybody has answered it is
// ErrDeskOver; but to say the same again, where the answer was lost, is fine.
func (s *Service) ConfirmDesk(ctx context.Context, c Caller, id string) error {
	return s.answerDesk(ctx, c, id, DeskConfirmed)
}

// RefuseDesk turns the desk away. Once anybody has answered it is ErrDeskOver.
func (s *Service) RefuseDesk(ctx context.Context, c Caller, id string) error {
	return s.answerDesk(ctx, c, id, DeskRefused)
}

func (s *Service) answerDesk(ctx context.Context, c Caller, id string, answer DeskState) error {
	if c.Desk { // or else one desk would open the next, without a telephone
		return ErrPhoneOnly
	}
	d, was, err := s.desk(ctx, id)
	switch {
	case err != nil:
		return err
	case d.State == answer && d.SessionID == c.SessionID:
		return nil
	case d.State != DeskWaiting:
		return ErrDeskOver
	}
	d.State, d.SessionID = answer, c.SessionID
	return s.changeDesk(ctx, d, was)
}

// RedeemDesk tells the browser where its login stands. Once a telephone has
// confirmed, it begins the session, this one time, with the identity that the
// telephone wears, and returns its token. A secret that is not the ticket's is
// ErrNoDesk, and a ticket that has been redeemed ErrDeskOver.
func (s *Service) RedeemDesk(ctx context.Context, id, secret string) (DeskState, string, Session, error) {
	d, was, err := s.desk(ctx, id)
	if err != nil {
		return "", "", Session{}, err
	}
	if subtle.ConstantTimeCompare([]byte(d.SecretHash), []byte(hashToken(secret))) == 0 {
		return "", "", Session{}, ErrNoDesk
	}
	switch d.State {
	case DeskConfirmed:
	case DeskDone:
		return "", "", Session{}, ErrDeskOver
	default:
		return d.State, "", Session{}, nil
	}
	phone, err := s.Again(ctx, d.SessionID)
	if errors.Is(err, ErrNoSession) { // it has logged out since
		return DeskRefused, "", Session{}, nil
	}
	if err != nil {
		return "", "", Session{}, err
	}
	d.State = DeskDone
	if err := s.changeDesk(ctx, d, was); err != nil {
		return "", "", Session{}, err
	}
	token, session, err := s.SitDown(ctx, phone, d.Device)
	return DeskDone, token, session, err
}

// SitDown begins a session at a desk for whoever is on the telephone, with the
// identity that it wears.
func (s *Service) SitDown(ctx context.Context, phone Caller, device string) (string, Session, error) {
	token, session := s.newSession(device)
	session.AccountID, session.Desk = phone.AccountID, true
	if phone.BindingID != "" {
		session.BindingID = &phone.BindingID
	}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Insert(&session)
		return nil
	})
	if err != nil {
		return "", Session{}, fmt.Errorf("begin a session at a desk: %w", err)
	}
	return token, session, nil
}

// StandUp ends the session at a desk that a token is of, where there is one:
// another begins in the same browser.
func (s *Service) StandUp(ctx context.Context, token string) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE sessions SET revoked_at = ? WHERE token_hash = ? AND desk AND revoked_at IS NULL", s.now(), hashToken(token))
		return nil
	})
}

// desk finds a ticket, also as the text that is kept.
func (s *Service) desk(ctx context.Context, id string) (DeskLogin, string, error) {
	kept, err := s.tickets.Find(ctx, id)
	if err != nil {
		return DeskLogin{}, "", fmt.Errorf("%w: %w", ErrDeskDown, err)
	}
	if kept == "" {
		return DeskLogin{}, "", ErrNoDesk
	}
	var d DeskLogin
	if err := json.Unmarshal([]byte(kept), &d); err != nil {
		return DeskLogin{}, "", fmt.Errorf("read a desk's ticket: %w", err)
	}
	if (d.State == DeskWaiting || d.State == DeskConfirmed) && !s.now().Before(d.EndsAt) {
		d.State = DeskExpired
	}
	return d, kept, nil
}

// changeDesk keeps a ticket that was something else; where it is no more,
// somebody was faster.
func (s *Service) changeDesk(ctx context.Context, d DeskLogin, was string) error {
	mine, err := s.tickets.Change(ctx, d.ID, was, d.text())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDeskDown, err)
	}
	if !mine {
		return ErrDeskOver
	}
	return nil
}

// text is a ticket as it is kept.
func (d DeskLogin) text() string {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain data of ours
	}
	return string(raw)
}
