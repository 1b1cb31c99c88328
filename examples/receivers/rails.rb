# Receive callbacks with Rails: app/controllers/callbacks_controller.rb
#
#   bundle add standardwebhooks
#   config/routes.rb:  post "/hook", to: "callbacks#create"
#   a migration:       create_table(:callbacks, id: :string) { |t| t.binary :body, null: false }
class CallbacksController < ActionController::API
  WEBHOOK = StandardWebhooks::Webhook.new(ENV.fetch("CALLBOARD_SECRET"))

  def create
    # The raw bytes: a body that was parsed and serialized again has another signature.
    body = request.raw_post
    WEBHOOK.verify(body, signature_headers)
    id = request.headers["webhook-id"]
    # A repeat has the same id and inserts nothing. The job runs after the response.
    inserted = Callback.insert({ id: id, body: body }, unique_by: :id, returning: :id)
    CallbackJob.perform_later(id) if inserted.any?
    head :no_content
  rescue StandardWebhooks::WebhookVerificationError => e
    render json: { error: e.message }, status: :unauthorized
  end

  private

  def signature_headers
    %w[webhook-id webhook-timestamp webhook-signature].index_with { |name| request.headers[name].to_s }
  end
end
