package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// bare is what one would write in an hour: net/http and pgx, the same session
// join, and one statement on one table for each request. It has no timeline, no
// deadlines, no waiting rows, no idempotency, no validation and no limits. What
// Yanlu costs beyond it is what Yanlu's own work costs.
type bare struct{ pool *pgxpool.Pool }

func openBare(ctx context.Context, address string, conns int) (*bare, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("bare server: %w", err)
	}
	c.MaxConns = int32(conns)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("bare server: %w", err)
	}
	return &bare{pool}, nil
}

func (b *bare) close() { b.pool.Close() }

func (b *bare) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/suggestions", b.with(b.create))
	mux.HandleFunc("GET /v1/work", b.with(b.list))
	mux.HandleFunc("GET /v1/suggestions/{id}", b.with(b.read))
	return mux
}

// item is a row of the table bare.
type item struct {
	ID            string    `json:"id"`
	InstitutionID string    `json:"-"`
	AuthorID      string    `json:"-"`
	Author        string    `json:"author"`
	Title         string    `json:"title"`
	Body          string    `json:"body,omitempty"`
	Category      string    `json:"category"`
	Status        string    `json:"status"`
	SubmittedAt   time.Time `json:"submitted_at"`
	DueAt         time.Time `json:"due_at"`
}

// lineColumns are what a list shows of an item, and line where they go.
const lineColumns = "id::text, author, title, category, status, submitted_at, due_at"

func (i *item) line() []any {
	return []any{&i.ID, &i.Author, &i.Title, &i.Category, &i.Status, &i.SubmittedAt, &i.DueAt}
}

// with finds out who calls, runs fn and writes its answer.
func (b *bare) with(fn func(*http.Request, session) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := b.session(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		status, answer, err := fn(r, s)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // a client that has gone away is counted by the client
	}
}

func (b *bare) create(r *http.Request, s session) (int, any, error) {
	i := item{ID: uuid.Must(uuid.NewV7()).String(), InstitutionID: *s.InstitutionID, AuthorID: *s.PersonID, Author: *s.Name, Status: "SUBMITTED"}
	if err := json.NewDecoder(r.Body).Decode(&i); err != nil {
		return 0, nil, err
	}
	i.SubmittedAt = time.Now()
	i.DueAt = i.SubmittedAt.Add(48 * time.Hour)
	_, err := b.pool.Exec(r.Context(), `INSERT INTO bare (id, institution_id, author_id, author, title, body, category, status, submitted_at, due_at, holder)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'role:INFO_STAFF')`,
		i.ID, i.InstitutionID, i.AuthorID, i.Author, i.Title, i.Body, i.Category, i.Status, i.SubmittedAt, i.DueAt)
	return http.StatusCreated, map[string]string{"id": i.ID, "status": i.Status}, err
}

func (b *bare) list(r *http.Request, s session) (int, any, error) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		return 0, nil, err
	}
	rows, err := b.pool.Query(r.Context(), "SELECT "+lineColumns+` FROM bare
		WHERE institution_id = $1 AND holder = 'role:INFO_STAFF' ORDER BY due_at, id LIMIT $2`, *s.InstitutionID, limit)
	if err != nil {
		return 0, nil, err
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i item, err error) { return i, row.Scan(i.line()...) })
	return http.StatusOK, map[string]any{"items": items}, err
}

func (b *bare) read(r *http.Request, s session) (int, any, error) {
	var i item
	err := b.pool.QueryRow(r.Context(), "SELECT "+lineColumns+", body FROM bare WHERE id = $1 AND institution_id = $2",
		r.PathValue("id"), *s.InstitutionID).Scan(append(i.line(), &i.Body)...)
	return http.StatusOK, i, err
}

// session is what sessionQuery gives; what comes of a binding may be NULL.
type session struct {
	ID, AccountID             string
	SeenAt, ExpiresAt, EndsAt time.Time
	RevokedAt                 *time.Time
	BindingID, PersonID       *string
	InstitutionID, Name       *string
	Sector, GroupName         *string
	SuspendedAt               *time.Time
	Profile                   *string
	Term                      *int
	Role, UnitID              *string
}

// sessionQuery is that of package account, so that both servers ask the same.
const sessionQuery = `SELECT s.id::text, s.account_id::text, s.seen_at, s.expires_at, s.ends_at, s.revoked_at,
	b.id::text, p.id::text, p.institution_id::text, p.name, p.sector, p.group_name, p.suspended_at,
	i.profile, t.ordinal, a.role, a.unit_id::text
FROM sessions s
LEFT JOIN bindings b ON b.id = s.binding_id AND b.ended_at IS NULL
LEFT JOIN people p ON p.id = b.person_id
LEFT JOIN institutions i ON i.id = p.institution_id
LEFT JOIN appointments a ON a.person_id = p.id AND a.begins <= $1 AND (a.ends IS NULL OR a.ends >= $1)
LEFT JOIN terms t ON t.id = COALESCE(a.term_id, p.term_id)
WHERE s.token_hash = $2`

func (b *bare) session(r *http.Request) (session, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return session{}, errors.New("no token")
	}
	hash := sha256.Sum256([]byte(token))
	now := time.Now()
	rows, err := b.pool.Query(r.Context(), sessionQuery, now, hex.EncodeToString(hash[:]))
	if err != nil {
		return session{}, err
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s session, err error) {
		return s, row.Scan(&s.ID, &s.AccountID, &s.SeenAt, &s.ExpiresAt, &s.EndsAt, &s.RevokedAt, &s.BindingID, &s.PersonID,
			&s.InstitutionID, &s.Name, &s.Sector, &s.GroupName, &s.SuspendedAt, &s.Profile, &s.Term, &s.Role, &s.UnitID)
	})
	if err != nil {
		return session{}, err
	}
	if len(held) == 0 || held[0].RevokedAt != nil || held[0].PersonID == nil || !now.Before(held[0].ExpiresAt) || !now.Before(held[0].EndsAt) {
		return session{}, errors.New("no session")
	}
	return held[0], nil
}
