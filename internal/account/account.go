// Package account knows the telephones: who logs in, under which identities of
// which rosters, and for how long.
//
// An account is one openid. It is bound to any number of roster rows, each link
// proved by itself: by the phone number that the platform vouches for, or by an
// invitation that staff of that institution issued. A session is an opaque
// token of 256 bits, of which only the hash is kept.
package account

import (
	"context"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/member"
)

// The faults of logging in and binding.
var (
	ErrNoSession   = fault.New(fault.Unauthenticated, "account.no_session", "您还没有登录，或登录已过期，请重新登录。")
	ErrCode        = fault.New(fault.Invalid, "account.code", "微信登录凭证无效或已过期，请重试一次。")
	ErrPlatform    = fault.New(fault.Unavailable, "account.platform", "微信暂时没有响应，请稍后再试。您填写的内容不会丢失。")
	ErrRisky       = fault.New(fault.Forbidden, "account.risky", "微信提示该账号存在风险，暂时不能登录。请联系政协工作人员。")
	ErrNotBound    = fault.New(fault.Forbidden, "account.not_bound", "您的微信还没有绑定身份。请用手机号或邀请码绑定后再试。")
	ErrSuspended   = fault.New(fault.Forbidden, "account.suspended", "您的账号已停用。如有疑问，请联系政协工作人员。")
	ErrTooOften    = fault.New(fault.Limited, "account.too_often", "操作太频繁了，请过一会儿再试。")
	ErrNoMatch     = fault.New(fault.Invalid, "account.no_match", "没有可以绑定的身份。请核对后重试，或联系政协工作人员领取邀请码。")
	ErrNotFound    = fault.New(fault.NotFound, "account.not_found", "没有找到这条记录，可能已经失效。")
	ErrStillBound  = fault.New(fault.Conflict, "account.still_bound", "此人已绑定微信。如更换了手机，请先解除原来的绑定，再发邀请码。")
	ErrOver        = fault.New(fault.Conflict, "account.invitation_over", "这个邀请已经用过或已失效。如有需要，请重新发邀请。")
	ErrNoCards     = fault.New(fault.Conflict, "account.no_cards", "目前没有有效的邀请可以打印，请先发邀请。")
	ErrNobody      = fault.New(fault.Invalid, "account.nobody", "请选择要邀请的人，或者选择联络组、角色。")
	ErrNotPossible = fault.New(fault.Conflict, "account.suspended_person", "此人的账号已停用，请先恢复再发邀请码。")
)

// Identity is what the platform says of who holds the telephone.
type Identity struct{ OpenID, UnionID string }

// Platform is what account needs of WeChat. Its errors are ErrCode, ErrRisky,
// ErrTooOften, ErrPlatform, or a cause.
type Platform interface {
	// Login exchanges a code of wx.login. The same code within five minutes
	// gives the same answer.
	Login(ctx context.Context, code string) (Identity, error)
	// Phone exchanges a code of the phone number button, given together with
	// the openid of who pressed it.
	Phone(ctx context.Context, code, openID string) (string, error)
	// Code returns the picture (JPEG or PNG) of a mini-program code that opens
	// the page on which one binds, with the code of an invitation.
	Code(ctx context.Context, invitation string) ([]byte, error)
}

// Account is one openid.
type Account struct {
	ID        string `gorm:"primaryKey"`
	OpenID    string
	CreatedAt time.Time
}

// Proof says how a binding was proved.
type Proof string

// The proofs.
const (
	ByPhone      Proof = "PHONE"
	ByInvitation Proof = "INVITATION"
)

// Binding links an account to a roster row until it is ended.
type Binding struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	AccountID     string
	PersonID      string
	Proof         Proof
	BoundAt       time.Time
	EndedAt       *time.Time
}

// Session is one login on one device.
type Session struct {
	ID        string `gorm:"primaryKey"`
	AccountID string
	BindingID *string // the identity that is worn at present
	TokenHash string
	Device    string // what the client says of itself, at most 100 characters
	Desk      bool   // in a browser, let in by a telephone; else on a telephone
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // moves on with use
	EndsAt    time.Time // never moves
	RevokedAt *time.Time
}

// Invitation lets whoever holds its code bind to a roster row, once. The code
// and its picture are kept sealed while it lives, so that a card can be printed
// again.
type Invitation struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string
	CodeDigest    string
	CodeSealed    []byte
	PictureSealed []byte
	CreatedBy     string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedAt        *time.Time
}

// Attempt counts tries of one subject within one window.
type Attempt struct {
	Subject  string    `gorm:"primaryKey"`
	WindowAt time.Time `gorm:"primaryKey"`
	Count    int
}

// Caller is who is on the line: an account by its session, and the actor where
// the session wears an identity.
type Caller struct {
	SessionID string
	AccountID string
	BindingID string
	Desk      bool // at a desk, not on a telephone
	Suspended bool
	Actor     *member.Actor // nil: not bound
}
