package store

import (
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// dialect is that of SQLite, but that bytes which are not there are NULL: its
// driver would write an empty value for them, and PostgreSQL's does not.
type dialect struct{ *sqlite.Dialector }

func onSQLite(dsn string) gorm.Dialector { return dialect{&sqlite.Dialector{DSN: dsn}} }

// BindVarTo is told of each value of a statement, which is the last one of it.
func (d dialect) BindVarTo(w clause.Writer, s *gorm.Statement, v any) {
	if raw, ok := v.([]byte); ok && raw == nil {
		s.Vars[len(s.Vars)-1] = nil
	}
	d.Dialector.BindVarTo(w, s, v)
}
