//! SoftHSM2 with a directory of its own, and tokens in it.

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use session_key_pkcs11::{Pin, Pkcs11Algorithm, Pkcs11Store, Pkcs11Token};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use store_memory::MemoryStore;

const PIN: &str = "1234";
const SO_PIN: &str = "567890";

/// Where distributions put the module.
const MODULES: [&str; 5] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

pub(crate) struct Machine {
    module: PathBuf,
    context: Pkcs11,
    /// SoftHSM2 has one slot for the next token.
    next: Mutex<()>,
}

/// The machine, or a line that says that there is none: then the test is skipped.
pub(crate) fn machine() -> Option<&'static Machine> {
    static MACHINE: OnceLock<Option<Machine>> = OnceLock::new();
    let machine = MACHINE.get_or_init(|| {
        let module = MODULES.iter().map(Path::new).find(|path| path.exists())?;
        Some(Machine::start(module))
    });
    if machine.is_none() {
        println!("skipped: softhsm2 is not installed");
    }
    machine.as_ref()
}

impl Machine {
    fn start(module: &Path) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("softhsm2");
        let _ = fs::remove_dir_all(&home);
        let tokens = home.join("tokens");
        fs::create_dir_all(&tokens).unwrap();
        let conf = home.join("softhsm2.conf");
        let text = format!(
            "directories.tokendir = {}\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&conf, text).unwrap();
        // the module reads the variable here and never again
        let context = temp_env::with_var("SOFTHSM2_CONF", Some(&conf), || {
            let context = Pkcs11::new(module).unwrap();
            let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
            context.initialize(arguments).unwrap();
            context
        });
        Self {
            module: module.to_owned(),
            context,
            next: Mutex::new(()),
        }
    }

    /// A new token, with a label of its own.
    pub(crate) fn token(&'static self) -> Token {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let label = format!("token {}", MADE.fetch_add(1, Ordering::Relaxed));
        let _next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let context = &self.context;
        let free = context
            .get_all_slots()
            .unwrap()
            .into_iter()
            .find(|slot| !context.get_token_info(*slot).unwrap().token_initialized());
        let so_pin = AuthPin::new(SO_PIN.into());
        context.init_token(free.unwrap(), &so_pin, &label).unwrap();
        let token = Token {
            machine: self,
            label,
        };
        let session = context.open_rw_session(token.slot()).unwrap();
        session.login(UserType::So, Some(&so_pin)).unwrap();
        session.init_pin(&AuthPin::new(PIN.into())).unwrap();
        session.logout().unwrap();
        token
    }
}

/// One token of the machine.
#[derive(Clone)]
pub(crate) struct Token {
    machine: &'static Machine,
    pub(crate) label: String,
}

impl Token {
    pub(crate) fn module(&self) -> &Path {
        &self.machine.module
    }

    fn slot(&self) -> Slot {
        let context = &self.machine.context;
        let slots = context.get_slots_with_initialized_token().unwrap();
        let ours = slots
            .into_iter()
            .find(|slot| context.get_token_info(*slot).unwrap().label() == self.label);
        ours.unwrap()
    }

    pub(crate) fn pin() -> Pin {
        Pin::new(PIN)
    }

    pub(crate) fn open(&self) -> Pkcs11Token {
        Pkcs11Token::open(self.module(), &self.label, &Self::pin()).unwrap()
    }

    /// A store of records in memory over this token.
    pub(crate) fn store(&self, algorithm: Pkcs11Algorithm) -> Pkcs11Store<MemoryStore> {
        Pkcs11Store::new(MemoryStore::new(), self.open()).with_algorithm(algorithm)
    }

    /// A session of somebody else in the program, logged in while one of ours is.
    pub(crate) fn session(&self) -> Session {
        self.machine.context.open_rw_session(self.slot()).unwrap()
    }

    /// How many objects of ours there are: in the token, or in sessions.
    pub(crate) fn count(&self, in_token: bool) -> usize {
        let template = [
            Attribute::Token(in_token),
            Attribute::Label(Pkcs11Token::KEY_LABEL.into()),
        ];
        self.session().find_objects(&template).unwrap().len()
    }

    /// What the token says of each private key of ours.
    pub(crate) fn private_keys(&self, wanted: &[AttributeType]) -> Vec<Vec<Attribute>> {
        let session = self.session();
        let template = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Label(Pkcs11Token::KEY_LABEL.into()),
        ];
        let objects = session.find_objects(&template).unwrap();
        objects
            .into_iter()
            .map(|object| session.get_attributes(object, wanted).unwrap())
            .collect()
    }
}
